package io.pgnode.gateway.pooler;

import io.pgnode.gateway.pooler.hba.Hba;
import io.pgnode.gateway.pooler.hba.HbaMethod;
import io.pgnode.gateway.pooler.hba.IdentMap;
import io.pgnode.gateway.pooler.hba.Login;
import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ScramSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One method for everybody or the rules of an HBA file; the secrets of a user list, and of the
 * databases themselves for those who are not in it. Thread-safe.
 */
final class FileLoginRules implements LoginRules {
    private static final int SALT_BYTES = 16;
    private static final int MAX_DERIVED = 10_000;

    /**
     * What the files say.
     *
     * @param method for everybody; null to go by {@code hba}
     * @param trustsUnknown trust also those who are not in the list
     * @param secrets by role
     * @param roles where the built-in query for all other roles is asked; null to ask the databases
     * @param defaultDatabase the pooler's database that is asked for roles when a login names none
     *     that exists; empty for none
     * @param scramIterations of secrets that are made of plain passwords, and of invented ones
     */
    record Files(
            @Nullable Method method,
            Hba hba,
            IdentMap maps,
            boolean trustsUnknown,
            Map<String, String> secrets,
            @Nullable Target roles,
            String defaultDatabase,
            int scramIterations) {
        Files {
            secrets = Map.copyOf(secrets);
        }
    }

    /** Reads a role's secret, and for how many seconds it is valid, from PostgreSQL itself. */
    private static final String ROLES_QUERY =
            "SELECT rolname, CASE WHEN rolvaliduntil < pg_catalog.now() THEN NULL"
                    + " ELSE rolpassword END, CASE WHEN pg_catalog.isfinite(rolvaliduntil) THEN"
                    + " pg_catalog.date_part('epoch', rolvaliduntil - pg_catalog.clock_timestamp())"
                    + " END FROM pg_catalog.pg_authid WHERE rolname=$1 AND rolcanlogin";

    /** A PostgreSQL that is restarted is back soon. */
    private static final Duration ROLES_PATIENCE = Duration.ofSeconds(20);

    private record Derived(String password, ScramSecret secret) {}

    private final Files files;
    private final Function<String, @Nullable DatabaseSettings> databases;
    private final AuthQuery query;
    private final Executor workers;
    private final Secrets randomness;
    private final byte[] mockSeed;
    private final Map<String, Derived> derived = new ConcurrentHashMap<>();

    /**
     * @param workers for what takes milliseconds of CPU
     * @param mockSeed the same as long as the process lives, so that a reload does not tell which
     *     roles exist
     */
    FileLoginRules(
            Files files,
            Function<String, @Nullable DatabaseSettings> databases,
            AuthQuery query,
            Executor workers,
            Secrets randomness,
            byte[] mockSeed) {
        this.files = files;
        this.databases = databases;
        this.query = query;
        this.workers = workers;
        this.randomness = randomness;
        this.mockSeed = mockSeed.clone();
    }

    @Override
    public Ruling rule(Login login) {
        Method everybody = files.method();
        if (everybody != null) {
            return new Ruling(everybody, "", "auth_type");
        }
        return files.hba()
                .find(login)
                .map(line -> new Ruling(method(line.method()), line.map(), line.where()))
                .orElseGet(() -> new Ruling(Method.REJECT, "", "no line of the HBA file fits"));
    }

    private static Method method(HbaMethod method) {
        return switch (method) {
            case TRUST -> Method.TRUST;
            case REJECT -> Method.REJECT;
            case MD5 -> Method.MD5;
            case SCRAM -> Method.SCRAM;
            case PASSWORD -> Method.PLAIN;
            case CERT -> Method.CERT;
            case PEER -> Method.PEER;
        };
    }

    @Override
    public boolean mayBe(String map, String outside, String role) {
        return files.maps().allows(map, outside, role);
    }

    @Override
    public void find(
            String user,
            @Nullable DatabaseSettings database,
            boolean needsScram,
            Consumer<Found> then) {
        String secret = files.secrets().get(user);
        if (secret != null) {
            complete(user, secret, needsScram, then);
            return;
        }
        AuthQuery.Question question = question(user, database);
        if (question == null) {
            then.accept(new Found.Unknown());
            return;
        }
        query.ask(
                question,
                found -> {
                    if (found instanceof Found.Known known && known.role().secret() != null) {
                        complete(user, known.role().secret(), needsScram, then);
                    } else {
                        then.accept(found);
                    }
                });
    }

    /** With the SCRAM secret where that is wanted and can be had. */
    private void complete(String user, String secret, boolean needsScram, Consumer<Found> then) {
        ScramSecret parsed = ScramSecret.parse(secret).orElse(null);
        if (parsed != null || !needsScram || Md5Password.isStored(secret)) {
            then.accept(new Found.Known(new Role(user, secret, parsed)));
            return;
        }
        Derived known = derived.get(user);
        if (known != null && known.password().equals(secret)) {
            then.accept(new Found.Known(new Role(user, secret, known.secret())));
            return;
        }
        workers.execute(
                () -> {
                    ScramSecret made =
                            ScramSecret.of(
                                    secret, randomness.bytes(SALT_BYTES), files.scramIterations());
                    if (derived.size() >= MAX_DERIVED) {
                        derived.clear();
                    }
                    derived.put(user, new Derived(secret, made));
                    then.accept(new Found.Known(new Role(user, secret, made)));
                });
    }

    private AuthQuery.@Nullable Question question(
            String user, @Nullable DatabaseSettings database) {
        Target roles = files.roles();
        if (roles != null) {
            return new AuthQuery.Question(
                    new RoleMemory.Key("", user), roles, ROLES_QUERY, ROLES_PATIENCE);
        }
        DatabaseSettings of = database;
        if (of == null) {
            of = databaseOf(files.defaultDatabase());
        }
        if (of == null || of.auth().user().isEmpty()) {
            return null;
        }
        DatabaseSettings asked =
                of.auth().database().isEmpty() ? of : databaseOf(of.auth().database());
        if (asked == null) {
            return null;
        }
        String asWhom = of.auth().user();
        return new AuthQuery.Question(
                new RoleMemory.Key(asked.name() + "/" + asWhom + "/" + of.auth().query(), user),
                // No setting of the database's line either: the query must mean what it says.
                new Target(
                        asked.addresses(),
                        asked.tls(),
                        asked.database(),
                        asWhom,
                        asked.forcedUser().equals(asWhom)
                                ? asked.forcedSecret()
                                : ServerSecret.of(files.secrets().get(asWhom)),
                        Map.of(),
                        "",
                        asked.connectLimit(),
                        false,
                        false),
                of.auth().query(),
                Duration.ZERO);
    }

    private @Nullable DatabaseSettings databaseOf(String name) {
        return name.isEmpty() ? null : databases.apply(name);
    }

    @Override
    public void forget(String user, @Nullable DatabaseSettings database) {
        if (!files.secrets().containsKey(user)) {
            AuthQuery.Question question = question(user, database);
            if (question != null) {
                query.forget(question.key());
            }
        }
    }

    @Override
    public Set<String> names() {
        return files.secrets().keySet();
    }

    @Override
    public boolean trustsUnknown() {
        return files.trustsUnknown();
    }

    @Override
    public ScramSecret mockSecret(String user) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(mockSeed);
            byte[] hash = sha.digest(user.getBytes(StandardCharsets.UTF_8));
            return new ScramSecret(
                    files.scramIterations(),
                    Arrays.copyOf(hash, SALT_BYTES),
                    randomness.bytes(32),
                    randomness.bytes(32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java runtime has no SHA-256", e);
        }
    }
}

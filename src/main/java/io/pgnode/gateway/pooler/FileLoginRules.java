package io.pgnode.gateway.pooler;

import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ScramSecret;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One method for everybody, and the secrets of a user list. Thread-safe. */
final class FileLoginRules implements LoginRules {
    private static final int SALT_BYTES = 16;

    private final Method method;
    private final boolean trustsUnknown;
    private final Map<String, String> secrets;
    private final Secrets randomness;
    private final byte[] mockSeed;
    private final Map<String, ScramSecret> scram = new ConcurrentHashMap<>();

    /**
     * Blocking: makes the SCRAM secrets of plain passwords.
     *
     * @param secrets by role
     * @param trustsUnknown trust also those who are not in the list
     */
    FileLoginRules(
            Method method, boolean trustsUnknown, Map<String, String> secrets, Secrets randomness) {
        this.method = method;
        this.trustsUnknown = trustsUnknown;
        this.secrets = Map.copyOf(secrets);
        this.randomness = randomness;
        this.mockSeed = randomness.bytes(SALT_BYTES);
        if (method == Method.SCRAM || method == Method.MD5) {
            secrets.forEach(this::prepare);
        }
    }

    private void prepare(String user, String secret) {
        ScramSecret.parse(secret)
                .ifPresentOrElse(
                        parsed -> scram.put(user, parsed),
                        () -> {
                            if (method == Method.SCRAM && !Md5Password.isStored(secret)) {
                                scram.put(
                                        user,
                                        ScramSecret.of(
                                                secret,
                                                randomness.bytes(SALT_BYTES),
                                                ScramSecret.DEFAULT_ITERATIONS));
                            }
                        });
    }

    @Override
    public Method method(String user, String database, SocketAddress from, boolean isTls) {
        return method;
    }

    @Override
    public @Nullable Role role(String user) {
        return secrets.containsKey(user) ? new Role(user, secrets.get(user)) : null;
    }

    @Override
    public boolean trustsUnknown() {
        return trustsUnknown;
    }

    @Override
    public @Nullable ScramSecret scramSecret(Role role) {
        return scram.get(role.name());
    }

    @Override
    public ScramSecret mockSecret(String user) {
        byte[] salt = new byte[SALT_BYTES];
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < SALT_BYTES; i++) {
            int of = name.length == 0 ? 0 : name[i % name.length] * 31 + i;
            salt[i] = (byte) (mockSeed[i] ^ of);
        }
        return new ScramSecret(
                ScramSecret.DEFAULT_ITERATIONS, salt, randomness.bytes(32), randomness.bytes(32));
    }
}

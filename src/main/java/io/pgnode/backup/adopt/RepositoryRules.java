package io.pgnode.backup.adopt;

import io.pgnode.backup.adopt.Adopter.Finding;
import io.pgnode.backup.adopt.Adopter.Values;
import io.pgnode.config.Secret;
import io.pgnode.model.ByteSize;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the options of one repository. One that is of a kind we do not have, or on
 * another host, is left out as a whole.
 */
final class RepositoryRules {
    private static final String DEFAULT_PATH = "/var/lib/pgbackrest";
    private static final long MAX_RETENTION = 9_999_999;

    private final int index;
    private final Values values;
    private final SectionText section;
    private final List<SecretFile> secrets;
    private final Path secretsDirectory;

    RepositoryRules(
            int index,
            Values values,
            SectionText section,
            List<SecretFile> secrets,
            Path secretsDirectory) {
        this.index = index;
        this.values = values;
        this.section = section;
        this.secrets = secrets;
        this.secretsDirectory = secretsDirectory;
    }

    /** Why the repository as a whole is not ours to use; empty when it is. */
    Optional<String> refusal() {
        if (values.get("repo-host", index) != null) {
            return Optional.of(
                    "the repository is on another host; pgnode uses directories and buckets that"
                            + " this node reaches itself. HINT: mount its directory, or copy it"
                            + " into a bucket");
        }
        String type = type();
        return switch (type) {
            case "posix", "s3" -> Optional.empty();
            default -> Optional.of("a repository of type " + type + " is none of posix and s3");
        };
    }

    /** Says what every repository of ours says. */
    void begin() {
        section.put(key("type"), type());
        section.put(key("path"), Optional.ofNullable(value("repo-path")).orElse(DEFAULT_PATH));
    }

    Finding judge(BackrestOption option, String value) {
        Optional<String> refusal = refusal();
        if (refusal.isPresent()) {
            return option.name().equals("repo-type") || option.name().equals("repo-host")
                    ? Finding.refused(refusal.get())
                    : Finding.ignored("the repository as a whole is refused");
        }
        if (option.name().startsWith("repo-retention-")) {
            return retention(option.name(), value);
        }
        if (option.name().startsWith("repo-s3-") || option.name().startsWith("repo-storage-")) {
            return type().equals("s3")
                    ? store(option.name(), value)
                    : Finding.ignored("the repository is none of type s3");
        }
        return switch (option.name()) {
            case "repo-type" -> Finding.taken(key("type") + ": " + value);
            case "repo-path" -> Finding.taken(key("path") + ": " + value);
            case "repo-cipher-type" -> cipher(value);
            case "repo-cipher-pass" -> cipherPass(value);
            case "repo-bundle" -> truth("bundle.enabled", value);
            case "repo-bundle-size" -> size("bundle.size", value);
            case "repo-bundle-limit" -> size("bundle.limit", value);
            case "repo-block" -> truth("block.enabled", value);
            case "repo-target-time" ->
                    Finding.refused("a repository is used as it is now, not as it was");
            case "repo-hardlink" ->
                    Finding.ignored("files of earlier backups are referred to, not linked");
            case "repo-symlink" -> Finding.ignored("links are made where the storage has them");
            default ->
                    option.name().startsWith("repo-host-")
                            ? Finding.ignored("there is no repository host")
                            : Finding.ignored("is about repositories of another type");
        };
    }

    private Finding retention(String name, String value) {
        if ("n".equals(values.get("expire-auto", 0))) {
            return Finding.otherForm("left out, for expire-auto is n: everything is kept");
        }
        return switch (name) {
            case "repo-retention-full" -> count("retention.full", value, 1);
            case "repo-retention-diff" -> count("retention.diff", value, 1);
            case "repo-retention-archive" -> count("retention.archive", value, 1);
            case "repo-retention-history" -> count("retention.history", value, 0);
            case "repo-retention-full-type" ->
                    value.equals("count") || value.equals("time")
                            ? take("retention.full-type", value)
                            : Finding.refused("is none of count and time");
            case "repo-retention-archive-type" ->
                    value.equals("full") || value.equals("diff") || value.equals("incr")
                            ? take("retention.archive-type", value)
                            : Finding.refused("is none of full, diff and incr");
            default -> Finding.ignored("is no key of retention that is known");
        };
    }

    private Finding store(String name, String value) {
        return switch (name) {
            case "repo-s3-bucket" -> take("s3.bucket", value);
            case "repo-s3-endpoint" -> take("s3.endpoint", value);
            case "repo-s3-region" -> take("s3.region", value);
            case "repo-s3-key" -> secret("s3.key", value);
            case "repo-s3-token" -> secret("s3.token", value);
            case "repo-s3-key-secret" -> secretFile("s3.key-secret-file", "s3-key-secret", value);
            case "repo-s3-uri-style" ->
                    value.equals("path") || value.equals("host")
                            ? take("s3.uri-style", value)
                            : Finding.refused("is none of host and path");
            case "repo-s3-key-type" ->
                    value.equals("shared")
                            ? Finding.otherForm("keys are always given")
                            : Finding.refused(
                                    "keys of type "
                                            + value
                                            + " are not fetched. HINT: make a key for"
                                            + " this node");
            case "repo-storage-verify-tls" -> truth("s3.verify-tls", value);
            case "repo-storage-ca-file" -> take("s3.ca-file", value);
            case "repo-storage-port" ->
                    BackrestValues.number(value, 1, 65_535)
                            .map(port -> take("s3.port", port))
                            .orElseGet(() -> Finding.refused("is no port"));
            case "repo-storage-host" ->
                    value.equals(value("repo-s3-endpoint"))
                            ? Finding.otherForm(key("s3.endpoint"))
                            : Finding.refused(
                                    "the store is asked by the name of its endpoint. HINT: let the"
                                            + " endpoint's name have the address of this host");
            case "repo-storage-ca-path" ->
                    Finding.refused("name one file of authorities: " + key("s3.ca-file"));
            case "repo-s3-kms-key-id", "repo-s3-sse-customer-key", "repo-s3-role" ->
                    Finding.refused("the store's own encryption and roles are not asked for");
            case "repo-s3-requester-pays" ->
                    value.equals("n")
                            ? Finding.ignored("nobody is asked to pay")
                            : Finding.refused("nobody is asked to pay");
            case "repo-storage-tag" -> Finding.ignored("objects get no tags");
            case "repo-storage-upload-chunk-size" ->
                    Finding.ignored("parts are sized by the files");
            default -> Finding.ignored("no option of pgBackRest that pgnode knows");
        };
    }

    private Finding cipher(String value) {
        if (!value.equals("none") && !value.equals("aes-256-cbc")) {
            return Finding.refused("is none of none and aes-256-cbc");
        }
        return take("cipher.type", value);
    }

    private Finding cipherPass(String value) {
        return "aes-256-cbc".equals(value("repo-cipher-type"))
                ? secretFile("cipher.pass-file", "cipher-pass", value)
                : Finding.ignored("the repository is not encrypted");
    }

    private Finding count(String key, String value, int least) {
        return BackrestValues.number(value, least, MAX_RETENTION)
                .map(number -> take(key, number))
                .orElseGet(
                        () ->
                                Finding.refused(
                                        "is no number from " + least + " to " + MAX_RETENTION));
    }

    private Finding truth(String key, String value) {
        return BackrestValues.truth(value)
                .map(truth -> take(key, truth))
                .orElseGet(() -> Finding.refused("is neither y nor n"));
    }

    private Finding size(String key, String value) {
        return BackrestValues.size(value)
                .map(size -> take(key, new ByteSize(size).toString()))
                .orElseGet(() -> Finding.refused("is no size"));
    }

    private Finding take(String key, Object value) {
        section.put(key(key), value);
        return Finding.taken(key(key) + ": " + value);
    }

    private Finding secret(String key, String value) {
        section.put(key(key), new Secret(value));
        return Finding.taken(key(key));
    }

    private Finding secretFile(String key, String name, String value) {
        Path file = secretsDirectory.resolve("repo" + index + "-" + name);
        secrets.add(new SecretFile(file, new Secret(value)));
        section.put(key(key), file.toString());
        return Finding.otherForm(key(key) + ": " + file);
    }

    private String type() {
        return Optional.ofNullable(value("repo-type")).orElse("posix");
    }

    private @org.jspecify.annotations.Nullable String value(String name) {
        return values.get(name, index);
    }

    private String key(String rest) {
        return "backup.repositories." + index + "." + rest;
    }
}

package io.pgnode.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Rules about paths. Reads attributes, never contents. */
final class FileCheck {
    private static final Set<PosixFilePermission> TOO_OPEN =
            PosixFilePermissions.fromString("----wxrwx");

    private FileCheck() {}

    /** True when it is. */
    static boolean absolute(String key, Path path, Findings findings) {
        if (path.isAbsolute()) {
            return true;
        }
        findings.add(key, key + " is " + path + ", must be an absolute path", "");
        return false;
    }

    /** True when it is an absolute path of a file that we may read. */
    static boolean readable(String key, Path path, Findings findings) {
        if (!absolute(key, path, findings)) {
            return false;
        }
        if (!Files.exists(path)) {
            findings.add(key, key + " is " + path + ": no such file", "");
        } else if (!Files.isRegularFile(path)) {
            findings.add(key, key + " is " + path + ", which is not a file", "");
        } else if (!Files.isReadable(path)) {
            findings.add(
                    key,
                    key + " is " + path + ": permission denied",
                    "make it readable for the user that runs pgnode");
        } else {
            return true;
        }
        return false;
    }

    /** A readable file that others may not read: mode 0600 or 0640. */
    static void secret(String key, Path path, Findings findings) {
        if (readable(key, path, findings)) {
            Set<PosixFilePermission> mode = mode(path);
            if (mode.stream().anyMatch(TOO_OPEN::contains)) {
                findings.add(
                        key,
                        key
                                + " is "
                                + path
                                + " with mode "
                                + octal(mode)
                                + ", must be 0600 or 0640",
                        "chmod 0600 " + path);
            }
        }
    }

    static void program(String key, CommandLine command, Findings findings) {
        if (!command.program().startsWith("/")) {
            findings.add(
                    key,
                    key + " starts with " + command.program() + ", must be an absolute path",
                    "");
        } else if (!Files.isExecutable(Path.of(command.program()))) {
            boolean exists = Files.exists(Path.of(command.program()));
            findings.add(
                    key,
                    key
                            + " starts with "
                            + command.program()
                            + (exists ? ", which is not executable" : ": no such file"),
                    "");
        }
    }

    /** Whether anybody but owner and group can read it. */
    static boolean isOpenToAll(Path path) {
        return mode(path).contains(PosixFilePermission.OTHERS_READ);
    }

    static String octal(Path path) {
        return octal(mode(path));
    }

    private static Set<PosixFilePermission> mode(Path path) {
        try {
            return Files.getPosixFilePermissions(path);
        } catch (IOException | UnsupportedOperationException e) {
            return Set.of();
        }
    }

    private static String octal(Set<PosixFilePermission> mode) {
        int bits = 0;
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            bits = bits << 1 | (mode.contains(permission) ? 1 : 0);
        }
        return "%04o".formatted(bits);
    }
}

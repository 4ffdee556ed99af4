package io.pgnode.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** This program, where another user can read it: root's home is closed to the user postgres. */
public final class ProgramCopy {
    private static final String AOT_CACHE = "-XX:AOTCache=";

    private ProgramCopy() {}

    /**
     * The command with its program replaced by a copy under {@code directory}, if others cannot
     * read the original.
     *
     * @param command a native binary; or java, its options, {@code -jar} and the JAR file, whose
     *     directory is copied as a whole
     */
    public static List<String> readable(List<String> command, Path directory) throws IOException {
        int jar = command.indexOf("-jar") + 1;
        int index = jar > 0 && jar < command.size() ? jar : 0;
        Path program = Path.of(command.get(index)).toAbsolutePath().normalize();
        List<String> result = new ArrayList<>(command);
        result.set(index, program.toString());
        if (isOpen(program)) {
            return result;
        }
        Path original = index == 0 ? program : program.getParent();
        Path copy = directory.resolve("program");
        if (original != null) {
            copyTree(original, copy);
            result.set(index, (index == 0 ? copy : copy.resolve(program.getFileName())).toString());
            result.replaceAll(option -> moved(option, original, copy));
        }
        return result;
    }

    /** The cache beside the JAR file is copied too; it is for files of that size and age. */
    private static String moved(String option, Path original, Path copy) {
        if (!option.startsWith(AOT_CACHE)) {
            return option;
        }
        Path cache = Path.of(option.substring(AOT_CACHE.length())).toAbsolutePath().normalize();
        return cache.startsWith(original)
                ? AOT_CACHE + copy.resolve(original.relativize(cache))
                : option;
    }

    private static boolean isOpen(Path file) throws IOException {
        if (!allows(file, PosixFilePermission.OTHERS_READ)) {
            return false;
        }
        for (Path parent = file.getParent(); parent != null; parent = parent.getParent()) {
            if (!allows(parent, PosixFilePermission.OTHERS_EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    private static boolean allows(Path path, PosixFilePermission permission) throws IOException {
        return Files.getPosixFilePermissions(path).contains(permission);
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(
                            file,
                            target,
                            StandardCopyOption.REPLACE_EXISTING,
                            StandardCopyOption.COPY_ATTRIBUTES);
                }
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }
}

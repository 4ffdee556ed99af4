package io.pgnode.supervisor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How this program is started once more: the native binary, or the same Java with the same options.
 *
 * @param prefix program and options, up to and including the JAR file or main class
 * @param isNative whether options of the virtual machine may follow the arguments
 */
public record ChildCommand(List<String> prefix, boolean isNative) {
    /** Options of the java launcher whose value is the next argument. */
    private static final Set<String> WITH_VALUE =
            Set.of(
                    "-cp",
                    "-classpath",
                    "--class-path",
                    "-p",
                    "--module-path",
                    "--upgrade-module-path",
                    "--add-modules",
                    "--add-exports",
                    "--add-opens",
                    "--add-reads",
                    "--patch-module",
                    "--enable-native-access",
                    "--limit-modules");

    public ChildCommand {
        prefix = List.copyOf(prefix);
    }

    /**
     * Of this very process.
     *
     * @throws IOException when /proc cannot be read
     */
    public static ChildCommand self() throws IOException {
        if ("runtime".equals(System.getProperty("org.graalvm.nativeimage.imagecode"))) {
            Path program = Files.readSymbolicLink(Path.of("/proc/self/exe"));
            return new ChildCommand(List.of(program.toString()), true);
        }
        String line = Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.ISO_8859_1);
        List<String> words = new ArrayList<>(List.of(line.split("\0", -1)));
        words.removeLast();
        words.set(0, Files.readSymbolicLink(Path.of("/proc/self/exe")).toString());
        return new ChildCommand(javaPrefix(words), false);
    }

    /** The part of a Java command line before the program's own arguments. */
    static List<String> javaPrefix(List<String> words) {
        int i = 1;
        while (i < words.size()) {
            String word = words.get(i);
            if (word.equals("-jar") || word.equals("-m") || word.equals("--module")) {
                return words.subList(0, Math.min(i + 2, words.size()));
            }
            if (!word.startsWith("-") && !word.startsWith("@")) {
                return words.subList(0, i + 1);
            }
            i += WITH_VALUE.contains(word) ? 2 : 1;
        }
        return words;
    }

    /** The whole command of a child. */
    List<String> line(ChildSpec child) {
        return line(child.args(), child.heapMegabytes());
    }

    /**
     * The whole command of this program with other arguments.
     *
     * @param heapMegabytes limit of its heap
     */
    public List<String> line(List<String> args, int heapMegabytes) {
        String heap = "-Xmx" + heapMegabytes + "m";
        List<String> line = new ArrayList<>();
        if (isNative) {
            line.addAll(prefix);
            line.add(heap);
        } else {
            line.add(prefix.getFirst());
            line.add(heap);
            prefix.stream().skip(1).filter(word -> !word.startsWith("-Xmx")).forEach(line::add);
        }
        line.addAll(args);
        return line;
    }
}

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;

/**
 * Prints the class list from which the AOT cache of the JVM runner is made ({@code java -Xshare:dump}).
 *
 * <p>That is every class of our own, and of other people's those in {@code classes.lst} that are there; then, of them
 * all, what their constant pools refer to, lambdas and string concatenations included, so that it is linked beforehand.
 * These come last: only what names classes that are loaded by then is linked.
 *
 * <p>Usage: java ClassList.java quarkus-run.jar classes.lst
 */
final class ClassList {
    private static final Set<String> OURS = Set.of("app/pgnode.jar", "quarkus/generated-bytecode.jar");
    private static final Set<String> LINKABLE =
            Set.of("java/lang/invoke/LambdaMetafactory", "java/lang/invoke/StringConcatFactory");

    private final Set<String> recorded = new HashSet<>();
    private final Set<String> seen = new HashSet<>();
    private final List<String> classes = new ArrayList<>();
    private final List<String> references = new ArrayList<>();

    public static void main(String... args) throws IOException {
        var list = new ClassList();
        list.readRecorded(Path.of(args[1]));
        list.addJdk();
        list.addJars(Path.of(args[0]));
        try (var out = new PrintStream(System.out, false, UTF_8)) {
            list.classes.forEach(out::println);
            list.references.forEach(out::println);
        }
    }

    private void readRecorded(Path file) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("@")) {
                classes.add(line);
            } else if (!line.startsWith("#")) {
                recorded.add(line);
            }
        }
    }

    /** From this very JDK, which is the one that the runner gets. */
    private void addJdk() throws IOException {
        for (String name : recorded.stream().sorted().toList()) {
            try (InputStream bytes = ClassLoader.getPlatformClassLoader().getResourceAsStream(name + ".class")) {
                if (bytes != null) {
                    add(name, bytes);
                }
            }
        }
    }

    private void addJars(Path runner) throws IOException {
        String classPath;
        try (var jar = new JarFile(runner.toFile())) {
            classPath = jar.getManifest().getMainAttributes().getValue("Class-Path");
        }
        for (String name : classPath.split(" ")) {
            File file = runner.resolveSibling(name).toFile();
            try (var jar = new JarFile(file, false, ZipFile.OPEN_READ, Runtime.version())) {
                for (var entry : jar.versionedStream().filter(e -> e.getName().endsWith(".class")).toList()) {
                    String type = entry.getName().replaceFirst("\\.class$", "");
                    if (OURS.contains(name) ? !type.endsWith("-info") : recorded.contains(type)) {
                        try (InputStream bytes = jar.getInputStream(entry)) {
                            add(type, bytes);
                        }
                    }
                }
            }
        }
    }

    /** The first of a name counts, as on the class path. */
    private void add(String name, InputStream bytes) throws IOException {
        if (!seen.add(name)) {
            return;
        }
        classes.add(name);
        ClassModel type = ClassFile.of().parse(bytes.readAllBytes());
        if (type.majorVersion() < ClassFile.JAVA_6_VERSION) {
            return; // verified when it is used: the archive takes it only while nothing links it
        }
        var indexes = new StringBuilder();
        for (PoolEntry entry : type.constantPool()) {
            if (isLinkable(entry)) {
                indexes.append(' ').append(entry.index());
            }
        }
        if (!indexes.isEmpty()) {
            references.add("@cp " + name + indexes);
        }
    }

    private static boolean isLinkable(PoolEntry entry) {
        return switch (entry) {
            case ClassEntry _, MemberRefEntry _ -> true;
            case InvokeDynamicEntry call ->
                    LINKABLE.contains(call.bootstrap().bootstrapMethod().reference().owner().asInternalName());
            default -> false;
        };
    }
}

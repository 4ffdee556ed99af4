package io.pgnode.config;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.config.WithDefault;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** The keys that there are, read from the mapped interfaces: the one place that lists them. */
@RegisterForReflection(
        targets = {
            PgnodeConfig.class,
            BackupConfig.class,
            BackupConfig.ArchiveConfig.class,
            BackupConfig.BlockConfig.class,
            BackupConfig.BundleConfig.class,
            BackupConfig.CipherConfig.class,
            BackupConfig.CompressConfig.class,
            BackupConfig.RepositoryConfig.class,
            BackupConfig.RepositoryPlace.class,
            BackupConfig.RetentionConfig.class,
            BackupConfig.S3Config.class,
            BackupConfig.ScheduleConfig.class,
            BootstrapConfig.class,
            BootstrapConfig.Method.class,
            BootstrapConfig.SourceConfig.class,
            DcsConfig.class,
            DcsConfig.ClientTls.class,
            GatewayConfig.class,
            GatewayConfig.CheckConfig.class,
            GatewayConfig.MemberConfig.class,
            GatewayConfig.StatsConfig.class,
            GatewayConfig.StatsLogin.class,
            HaConfig.class,
            HaConfig.Callbacks.class,
            HaConfig.WatchdogConfig.class,
            LogConfig.class,
            Passworded.class,
            PoolerConfig.class,
            PostgresqlConfig.class,
            PostgresqlConfig.ReplicaMethod.class,
            PostgresqlConfig.Replication.class,
            PostgresqlConfig.Rewind.class,
            PostgresqlConfig.Superuser.class,
            RestConfig.class,
            RestConfig.ServerTls.class,
            ServiceConfig.class
        })
public final class Schema {
    /** A place in the tree of keys. */
    public sealed interface Node {}

    /** Named keys. */
    public record Section(SortedMap<String, Node> children) implements Node {
        public Section {
            children = Collections.unmodifiableSortedMap(new TreeMap<>(children));
        }
    }

    /** Keys that the user names. */
    public record Table(Node value) implements Node {}

    /**
     * A value, or a list of values.
     *
     * @param type class of the value, or of the list's elements
     * @param defaultValue empty for none; a list's is separated by commas
     */
    public record Leaf(Class<?> type, boolean list, String defaultValue, Effect effect)
            implements Node {
        /** The default as a list: of one for a plain value, empty for none. */
        public List<String> defaults() {
            if (defaultValue.isEmpty()) {
                return List.of();
            }
            return list ? List.of(defaultValue.split(",")) : List.of(defaultValue);
        }

        public boolean isSecret() {
            return type == Secret.class;
        }
    }

    private Schema() {}

    /** All keys of the file. */
    public static Section root() {
        return section(PgnodeConfig.class, Effect.RESTART);
    }

    /** Every leaf by its key; {@code *} stands for a name that the user chooses. */
    public static SortedMap<String, Leaf> leaves() {
        SortedMap<String, Leaf> leaves = new TreeMap<>();
        collect("", root(), leaves);
        return leaves;
    }

    /** {@code onRoleChange} is {@code on-role-change}. */
    static String kebab(String method) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < method.length(); i++) {
            char c = method.charAt(i);
            if (Character.isUpperCase(c)) {
                key.append('-');
            }
            key.append(c);
        }
        return key.toString().toLowerCase(Locale.ROOT);
    }

    private static void collect(String key, Node node, SortedMap<String, Leaf> leaves) {
        switch (node) {
            case Section section ->
                    section.children()
                            .forEach((name, child) -> collect(join(key, name), child, leaves));
            case Table table -> collect(join(key, "*"), table.value(), leaves);
            case Leaf leaf -> leaves.put(key, leaf);
        }
    }

    static String join(String key, String name) {
        return key.isEmpty() ? name : key + "." + name;
    }

    private static Section section(Class<?> mapped, Effect inherited) {
        SortedMap<String, Node> children = new TreeMap<>();
        for (Method method : mapped.getMethods()) {
            if (Modifier.isAbstract(method.getModifiers())) {
                Effect effect = effect(method, inherited);
                WithDefault annotation = method.getAnnotation(WithDefault.class);
                String defaultValue = annotation == null ? "" : annotation.value();
                children.put(
                        kebab(method.getName()),
                        node(method.getGenericReturnType(), false, defaultValue, effect));
            }
        }
        return new Section(children);
    }

    private static Effect effect(Method method, Effect inherited) {
        if (method.isAnnotationPresent(Reloadable.class)) {
            return Effect.RELOAD;
        }
        return method.isAnnotationPresent(FirstStart.class) ? Effect.FIRST_START : inherited;
    }

    private static Node node(Type type, boolean list, String defaultValue, Effect effect) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            Type last = arguments[arguments.length - 1];
            if (generic.getRawType() == Map.class) {
                return new Table(node(last, false, "", effect));
            }
            boolean isList = generic.getRawType() == List.class;
            if (isList || generic.getRawType() == Optional.class) {
                return node(last, list || isList, defaultValue, effect);
            }
        }
        if (type instanceof Class<?> plain) {
            if (isSection(plain)) {
                return section(plain, effect);
            }
            return new Leaf(boxed(plain), list, defaultValue, effect);
        }
        throw new IllegalStateException("cannot map a value of " + type);
    }

    /** Path is an interface too, but none of ours. */
    private static boolean isSection(Class<?> type) {
        return type.isInterface() && type.getName().startsWith("io.pgnode.config.");
    }

    private static Class<?> boxed(Class<?> type) {
        if (type == int.class || type == OptionalInt.class) {
            return Integer.class;
        }
        return type == boolean.class ? Boolean.class : type;
    }
}

package io.pgnode.config;

import io.pgnode.model.ByteSize;
import io.pgnode.model.HostPort;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** How the text of a value becomes its type. One table for the checks and for the mapping. */
final class ValueTypes {
    /** Priority above SmallRye's own converters. */
    private static final int PRIORITY = 1000;

    /** Port of etcd's clients. */
    private static final int DCS_PORT = 2379;

    /**
     * @param expected completes "must be"
     */
    record ValueType<T>(Class<T> type, String expected, Function<String, T> parse) {
        boolean accepts(String text) {
            try {
                return parse.apply(text) != null;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }

        void register(SmallRyeConfigBuilder builder) {
            // SmallRye asks for the empty text when a value is absent.
            builder.withConverter(
                    type, PRIORITY, text -> text.isEmpty() ? null : parse.apply(text));
        }
    }

    private static final List<ValueType<?>> ALL =
            List.of(
                    new ValueType<>(String.class, "text", Function.identity()),
                    new ValueType<>(Integer.class, "a whole number", Integer::valueOf),
                    new ValueType<>(Boolean.class, "true or false", ValueTypes::bool),
                    new ValueType<>(
                            Duration.class,
                            "a duration: a number with ms, s, min, h or d, such as 10s or 500ms",
                            Durations::parse),
                    new ValueType<>(
                            ByteSize.class,
                            "a size: a number with B, kB, MB, GB or TB",
                            ByteSize::parse),
                    new ValueType<>(
                            HostPort.class,
                            "host:port, with a port of 1..65535",
                            text -> HostPort.parse(text, DCS_PORT)),
                    new ValueType<>(Path.class, "a path", Path::of),
                    new ValueType<>(Secret.class, "text", Secret::new),
                    new ValueType<>(
                            CommandOption.class,
                            "an option without dashes: name or name=value",
                            CommandOption::parse),
                    new ValueType<>(
                            CommandLine.class,
                            "a program with its arguments, quotes closed",
                            CommandLine::parse),
                    new ValueType<>(JsonTree.class, "a section of keys", JsonTree::new),
                    choice(NodeRole.class),
                    choice(DcsType.class),
                    choice(Preset.class),
                    choice(SslMode.class),
                    choice(HaConfig.WatchdogConfig.Mode.class),
                    choice(RestConfig.ServerTls.VerifyClient.class),
                    choice(ServiceConfig.Mode.class),
                    choice(ServiceConfig.Role.class),
                    choice(ServiceConfig.Balance.class),
                    choice(GatewayConfig.CheckConfig.Method.class),
                    choice(GatewayConfig.CheckConfig.Verify.class),
                    choice(BackupConfig.RepositoryPlace.RepositoryType.class),
                    choice(BootstrapConfig.SourceConfig.TargetType.class),
                    choice(BackupConfig.CipherConfig.CipherType.class),
                    choice(BackupConfig.RetentionConfig.FullType.class),
                    choice(BackupConfig.RetentionConfig.ArchiveType.class),
                    choice(BackupConfig.S3Config.UriStyle.class),
                    choice(BackupConfig.CompressConfig.CompressType.class),
                    choice(BackupConfig.ScheduleConfig.Place.class),
                    choice(LogConfig.Level.class),
                    choice(LogConfig.Format.class));

    private ValueTypes() {}

    static List<ValueType<?>> all() {
        return ALL;
    }

    static ValueType<?> of(Class<?> type) {
        for (ValueType<?> candidate : ALL) {
            if (candidate.type() == type) {
                return candidate;
            }
        }
        throw new IllegalStateException("no converter for " + type);
    }

    /** The spelling of an enum's constant in the file. */
    static String spelling(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> ValueType<E> choice(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        String spellings =
                constants.stream().map(ValueTypes::spelling).collect(Collectors.joining(", "));
        return new ValueType<>(
                type,
                "one of " + spellings,
                text -> {
                    for (E constant : constants) {
                        if (spelling(constant).equals(text)) {
                            return constant;
                        }
                    }
                    throw new IllegalArgumentException("unknown choice");
                });
    }

    private static Boolean bool(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes" -> true;
            case "false", "off", "no" -> false;
            default -> throw new IllegalArgumentException("not a truth value");
        };
    }
}

package io.pgnode.config;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the file and the environment into a checked {@link PgnodeConfig}.
 *
 * <p>The environment wins over the file, the file over the defaults. Nothing is taken from anywhere
 * else: no system properties, no {@code application.properties}, no expressions in values.
 * Blocking, thread-safe, without state.
 */
public final class ConfigLoader {
    private ConfigLoader() {}

    /**
     * @param env the process environment, or a part of it
     * @throws ConfigProblems with everything that is wrong, also when the file cannot be read
     */
    public static LoadedConfig load(Path file, Map<String, String> env) throws ConfigProblems {
        String text;
        try {
            if (Files.size(file) > ConfigFile.MAX_CHARACTERS) {
                throw unreadable(file, "is larger than " + ConfigFile.MAX_CHARACTERS + " bytes");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw unreadable(file, "is not UTF-8 text");
        } catch (IOException e) {
            throw unreadable(file, "cannot be read: " + FileFacts.reason(e));
        }
        LoadedConfig loaded = loadText(file.toString(), text, env);
        boolean holdsSecrets =
                loaded.settings().values().stream()
                        .anyMatch(
                                setting ->
                                        setting.leaf().isSecret()
                                                && setting.origin() instanceof Origin.InFile);
        if (holdsSecrets && FileCheck.isOpenToAll(file)) {
            throw new ConfigProblems(
                    List.of(
                            new Problem(
                                    "",
                                    file.toString(),
                                    "the file has passwords and mode "
                                            + FileCheck.octal(file)
                                            + ", so that everybody can read them",
                                    "chmod 0640 "
                                            + file
                                            + ", or use password-file instead of password")));
        }
        return loaded;
    }

    /**
     * The same for a text that is at hand.
     *
     * @param name stands for the file in reports
     */
    public static LoadedConfig loadText(String name, String text, Map<String, String> env)
            throws ConfigProblems {
        Findings findings = new Findings(name);
        new ConfigFile(name, findings).read(text);
        EnvironmentKeys.read(env, findings);
        checkTypes(findings);
        PgnodeConfig config = map(findings);
        ConfigChecks.run(config, findings);
        List<Problem> problems = findings.problems();
        if (!problems.isEmpty()) {
            throw new ConfigProblems(problems);
        }
        return new LoadedConfig(config, findings.settings());
    }

    /** Reports values of the wrong type and drops them, so that the rest can still be checked. */
    private static void checkTypes(Findings findings) {
        for (Setting setting : List.copyOf(findings.settings().values())) {
            ValueTypes.ValueType<?> type = ValueTypes.of(setting.leaf().type());
            for (String value : setting.values()) {
                if (!type.accepts(value)) {
                    String shown = setting.leaf().isSecret() ? Secret.MASK : "\"" + value + "\"";
                    findings.unreadable(
                            setting.key(),
                            setting.origin(),
                            setting.key() + " is " + shown + ", must be " + type.expected(),
                            "");
                    findings.drop(setting.key());
                    break;
                }
            }
        }
    }

    private static PgnodeConfig map(Findings findings) {
        Map<String, String> properties = new HashMap<>();
        for (Setting setting : findings.settings().values()) {
            List<String> values = setting.values();
            if (!setting.leaf().list()) {
                properties.put(setting.key(), values.getFirst());
                continue;
            }
            for (int i = 0; i < values.size(); i++) {
                properties.put(setting.key() + "[" + i + "]", values.get(i));
            }
        }
        SmallRyeConfigBuilder builder =
                new SmallRyeConfigBuilder()
                        .forClassLoader(PgnodeConfig.class.getClassLoader())
                        .withSources(new PropertiesConfigSource(properties, "pgnode", 100))
                        .withMapping(PgnodeConfig.class, "")
                        .withValidateUnknown(false);
        ValueTypes.all().forEach(type -> type.register(builder));
        return builder.build().getConfigMapping(PgnodeConfig.class, "");
    }

    private static ConfigProblems unreadable(Path file, String why) {
        return new ConfigProblems(
                List.of(
                        new Problem(
                                "",
                                file.toString(),
                                "the configuration file " + why,
                                "give another file with -c FILE")));
    }
}

package io.pgnode.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.edit.ConfigEdit;
import io.pgnode.cli.text.Diff;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.Yamls;
import io.pgnode.cluster.DynamicConfig;
import io.pgnode.config.DynamicConfigCheck;
import io.pgnode.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "edit-config",
        description = "Change the dynamic configuration of the cluster.",
        footer = {
            "",
            "Without -s, -p, --apply or --replace it opens $$VISUAL or $$EDITOR. The change is",
            "checked, shown and asked for; members apply it at once.",
            "",
            "  pgnode edit-config -s synchronous_mode=true -p work_mem=64MB",
            "  pgnode edit-config -p work_mem=            (removes it)",
        })
final class EditConfigCommand extends ClusterCommand {
    @Option(
            names = {"-q", "--quiet"},
            description = "Do not show the change.")
    boolean quiet;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Set a value; may be given several times.")
    List<String> sets = List.of();

    @Option(
            names = {"-p", "--pg"},
            paramLabel = "NAME=VALUE",
            description = "Set a PostgreSQL parameter; may be given several times.")
    List<String> parameters = List.of();

    @Option(
            names = "--apply",
            paramLabel = "FILE",
            description = "Merge this YAML or JSON file into it; - for standard input.")
    @Nullable String apply;

    @Option(
            names = "--replace",
            paramLabel = "FILE",
            description = "Replace it by this YAML or JSON file; - for standard input.")
    @Nullable String replace;

    @Option(names = "--force", description = "Do not ask.")
    boolean force;

    @Override
    ExitCode run(Console console, ClusterSession session) throws Exception {
        DynamicConfig config = session.read().config();
        ObjectNode before =
                config == null
                        ? JsonNodeFactory.instance.objectNode()
                        : (ObjectNode) Json.parse(config.json());
        ObjectNode after = edited(console, before);
        if (after.equals(before)) {
            console.println("nothing changed");
            return ExitCode.OK;
        }
        check(after);
        if (!quiet) {
            boolean colour = console.look().colour();
            console.print(Diff.unified(Yamls.dump(before), Yamls.dump(after), colour));
        }
        if (!force) {
            console.confirm("Apply these changes?");
        }
        long revision = config == null ? 0 : config.modRevision();
        if (!session.get(session.store().writeConfig(Json.compact(after), revision))) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "somebody else has changed the configuration meanwhile, nothing was written",
                    "run the command again");
        }
        console.println("configuration changed");
        return ExitCode.OK;
    }

    private ObjectNode edited(Console console, ObjectNode before) throws Exception {
        boolean fromOptions =
                replace != null || apply != null || !sets.isEmpty() || !parameters.isEmpty();
        if (!fromOptions) {
            return new ConfigEditor(console).edit(before);
        }
        ConfigEdit edit =
                new ConfigEdit(replace == null ? before : read(console, "--replace", replace));
        if (apply != null) {
            edit.merge(read(console, "--apply", apply));
        }
        sets.forEach(edit::set);
        parameters.forEach(edit::setParameter);
        return edit.result();
    }

    private static ObjectNode read(Console console, String option, String file) {
        try {
            String text =
                    file.equals("-")
                            ? console.surroundings()
                                    .input()
                                    .lines()
                                    .collect(Collectors.joining("\n"))
                            : Files.readString(Path.of(file));
            return section(Yamls.parse(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new CliException(
                    ExitCode.USAGE, option + " " + file + ": " + e.getMessage(), "", e);
        }
    }

    static ObjectNode section(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException("must be a section of keys and values");
    }

    /** Reports all problems at once. */
    static void check(ObjectNode config) {
        List<Problem> problems = DynamicConfigCheck.check(config);
        if (!problems.isEmpty()) {
            String list =
                    problems.stream().map(Problem::toString).collect(Collectors.joining("\n"));
            throw new CliException(
                    ExitCode.USAGE,
                    "the configuration would be wrong, nothing was written:\n" + list,
                    "");
        }
    }
}

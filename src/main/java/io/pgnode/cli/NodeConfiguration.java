package io.pgnode.cli;

import io.pgnode.cli.backup.ScheduleCheck;
import io.pgnode.config.ConfigLoader;
import io.pgnode.config.ConfigProblems;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.Origin;
import io.pgnode.config.Problem;
import io.pgnode.config.Setting;
import io.pgnode.gateway.pooler.NodePooler;
import io.pgnode.gateway.pooler.ini.IniProblem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The configuration of a node, checked by all who will use it. Blocking. */
final class NodeConfiguration {
    private NodeConfiguration() {}

    /**
     * @throws ConfigProblems with everything that is wrong
     */
    static LoadedConfig load(Path file, Map<String, String> env) throws ConfigProblems {
        LoadedConfig loaded = ConfigLoader.load(file, env);
        List<Problem> problems = new ArrayList<>(ScheduleCheck.problems(loaded, file.toString()));
        if (loaded.config().pooler().enabled()) {
            NodePooler.problems(loaded.config())
                    .forEach(problem -> problems.add(problem(problem, file, loaded)));
        }
        if (!problems.isEmpty()) {
            throw new ConfigProblems(problems);
        }
        return loaded;
    }

    private static Problem problem(IniProblem found, Path file, LoadedConfig loaded) {
        String key = found.where().replaceFirst(":[0-9]+$", "");
        String line = found.where().substring(key.length()).replace(":", "line ");
        Optional<Origin> origin =
                loaded.settings().values().stream()
                        .filter(setting -> isWithin(setting, key))
                        .map(Setting::origin)
                        .findFirst();
        // A place that is no key of ours is a file that one of them names.
        String where =
                origin.map(Origin::toString)
                        .orElse(key.startsWith("/") ? found.where() : file.toString());
        String message =
                line.isEmpty() || origin.isEmpty()
                        ? found.message()
                        : key + " " + line + ": " + found.message();
        return new Problem(origin.isPresent() ? key : "", where, message, found.hint());
    }

    private static boolean isWithin(Setting setting, String key) {
        String plain = setting.key().replace("\"", "");
        return plain.equals(key) || plain.startsWith(key + ".");
    }
}

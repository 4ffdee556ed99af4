package io.pgnode.cli.backup;

import io.pgnode.backup.schedule.core.CronSchedule;
import io.pgnode.config.BackupConfig;
import io.pgnode.config.LoadedConfig;
import io.pgnode.config.Problem;
import io.pgnode.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Cron lines of a configuration, checked by those who use them. */
public final class ScheduleCheck {
    private ScheduleCheck() {}

    /**
     * @param file where to look when a key has no place
     */
    public static List<Problem> problems(LoadedConfig loaded, String file) {
        BackupConfig.ScheduleConfig schedule = loaded.config().backup().schedule();
        Map<String, Optional<String>> lines = new TreeMap<>();
        lines.put("backup.schedule.full", schedule.full());
        lines.put("backup.schedule.diff", schedule.diff());
        lines.put("backup.schedule.incr", schedule.incr());
        List<Problem> problems = new ArrayList<>();
        lines.forEach(
                (key, line) ->
                        line.ifPresent(
                                text -> {
                                    try {
                                        CronSchedule.parse(text);
                                    } catch (IllegalArgumentException e) {
                                        problems.add(problem(loaded, file, key, text, e));
                                    }
                                }));
        return problems;
    }

    private static Problem problem(
            LoadedConfig loaded,
            String file,
            String key,
            String text,
            IllegalArgumentException why) {
        Setting setting = loaded.settings().get(key);
        return new Problem(
                key,
                setting == null ? file : setting.origin().toString(),
                key + " is \"" + text + "\": " + why.getMessage(),
                "minute hour day month weekday, such as 0 1 * * sun, or @daily");
    }
}

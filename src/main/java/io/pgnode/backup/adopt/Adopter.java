package io.pgnode.backup.adopt;

import static io.pgnode.backup.adopt.ReportLine.Verdict.IGNORED;
import static io.pgnode.backup.adopt.ReportLine.Verdict.OTHER_FORM;
import static io.pgnode.backup.adopt.ReportLine.Verdict.REFUSED;
import static io.pgnode.backup.adopt.ReportLine.Verdict.TAKEN;

import io.pgnode.backup.adopt.BackrestConfig.Entry;
import io.pgnode.backup.adopt.ReportLine.Verdict;
import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the lines of pgBackRest's files that count for a stanza. Of several lines of one key
 * the one of the section that is nearest counts: {@code [stanza:backup]}, {@code [stanza]}, {@code
 * [global:backup]}, {@code [global]}.
 */
final class Adopter {
    private static final int MAX_REPOSITORIES = 4;

    private final BackrestConfig config;
    private final String stanza;
    private final SectionText section = new SectionText();
    private final List<ReportLine> report = new ArrayList<>();
    private final List<SecretFile> secrets = new ArrayList<>();
    private final Path secretsDirectory;

    /** The line that counts, by option. */
    private final Map<BackrestOption, Entry> effective = new HashMap<>();

    Adopter(BackrestConfig config, String stanza, Path secretsDirectory) {
        this.config = config;
        this.stanza = stanza;
        this.secretsDirectory = secretsDirectory;
    }

    Adoption adopt() throws BackupException {
        choose();
        section.put("backup.stanza", stanza);
        Map<Integer, RepositoryRules> repositories = new HashMap<>();
        for (int index : indexes()) {
            RepositoryRules rules =
                    new RepositoryRules(index, this::value, section, secrets, secretsDirectory);
            repositories.put(index, rules);
            if (index <= MAX_REPOSITORIES && rules.refusal().isEmpty()) {
                rules.begin();
            }
        }
        GeneralRules general = new GeneralRules(this::value, section);
        for (Entry entry : config.entries()) {
            report.add(lineOf(entry, repositories, general));
        }
        addDefaults();
        return new Adoption(stanza, section, secrets, report);
    }

    private void choose() throws BackupException {
        for (Entry entry : config.entries()) {
            BackrestOption option = entry.option();
            int rank = rank(entry.section());
            if (rank == 0 || entry.value().isEmpty()) {
                continue;
            }
            Entry other = effective.get(option);
            if (other != null && other.section().equals(entry.section()) && !option.isList()) {
                throw new BackupException(
                        BackrestExit.OPTION_INVALID,
                        entry + " stands already at " + other.place(),
                        "pgBackRest refuses that, too: remove one of them");
            }
            if (other == null || rank > rank(other.section())) {
                effective.put(option, entry);
            }
        }
    }

    /** How near a section is; 0 when it is about something else than backups of this stanza. */
    private int rank(String name) {
        Optional<String> command = BackrestConfig.commandOf(name);
        if (command.isPresent() && !command.get().equals("backup")) {
            return 0;
        }
        Optional<String> of = BackrestConfig.stanzaOf(name);
        if (of.isPresent() && !of.get().equals(stanza)) {
            return 0;
        }
        return (of.isPresent() ? 3 : 1) + (command.isPresent() ? 1 : 0);
    }

    private @Nullable String value(String name, int index) {
        Entry entry = effective.get(new BackrestOption(name, index));
        return entry == null ? null : entry.value();
    }

    /** Repositories that any line is about; the first one is there without any. */
    private SortedSet<Integer> indexes() {
        SortedSet<Integer> indexes = new TreeSet<>();
        for (BackrestOption option : effective.keySet()) {
            if (option.isOfRepository()) {
                indexes.add(option.index());
            }
        }
        if (indexes.isEmpty()) {
            indexes.add(1);
        }
        return indexes;
    }

    private ReportLine lineOf(
            Entry entry, Map<Integer, RepositoryRules> repositories, GeneralRules general) {
        BackrestOption option = entry.option();
        Optional<String> of = BackrestConfig.stanzaOf(entry.section());
        Optional<String> command = BackrestConfig.commandOf(entry.section());
        Finding finding;
        if (entry.value().isEmpty()) {
            finding = new Finding(IGNORED, "has no value");
        } else if (of.isPresent() && !of.get().equals(stanza)) {
            finding = new Finding(IGNORED, "is of the stanza " + of.get());
        } else if (command.isPresent() && !command.get().equals("backup")) {
            finding = general.ofCommand(command.get(), option, entry.value());
        } else if (!entry.equals(effective.get(option)) && !option.isList()) {
            finding =
                    new Finding(
                            IGNORED,
                            "the section ["
                                    + effectiveSection(option)
                                    + "] says it, too, and is nearer");
        } else if (option.isOfRepository()) {
            finding = ofRepository(option, entry.value(), repositories);
        } else {
            finding = general.judge(option, entry.value());
        }
        return new ReportLine(
                finding.verdict(),
                "[" + entry.section() + "] " + entry.key(),
                entry.place(),
                finding.text());
    }

    private String effectiveSection(BackrestOption option) {
        Entry entry = effective.get(option);
        return entry == null ? "" : entry.section();
    }

    private static Finding ofRepository(
            BackrestOption option, String value, Map<Integer, RepositoryRules> repositories) {
        if (option.index() > MAX_REPOSITORIES) {
            return new Finding(REFUSED, "there are at most " + MAX_REPOSITORIES + " repositories");
        }
        RepositoryRules rules = repositories.get(option.index());
        return rules == null
                ? new Finding(IGNORED, "there is no such repository")
                : rules.judge(option, value);
    }

    private void addDefaults() {
        if (value("compress-type", 0) == null && value("compress", 0) == null) {
            note(
                    "compress-type",
                    "gz there, zst with us; both read both. HINT: backup.compress.type: gz for the"
                            + " same");
        }
        if (value("process-max", 0) == null) {
            note("process-max", "1 there, half of the cores with us");
        }
        if (value("backup-standby", 0) == null) {
            note(
                    "backup-standby",
                    "n there; with us backups prefer a standby. HINT: backup.schedule.place:"
                            + " primary for the same");
        }
        for (int index : indexes()) {
            if (value("repo-bundle", index) == null) {
                note(
                        "repo" + index + "-bundle",
                        "n there, on with us; pgBackRest reads it from 2.39 on. HINT:"
                                + " bundle.enabled: false for the same");
            }
            if (value("repo-block", index) == null) {
                note(
                        "repo" + index + "-block",
                        "n there, on with us; pgBackRest reads it from 2.46 on. HINT:"
                                + " block.enabled: false for the same");
            }
            if (value("repo-retention-full", index) == null) {
                note("repo" + index + "-retention-full", "not set: all backups are kept, as there");
            }
        }
    }

    private void note(String key, String text) {
        report.add(new ReportLine(Verdict.OTHER_FORM, key, "default", text));
    }

    /** What is made of a value. */
    record Finding(Verdict verdict, String text) {
        static Finding taken(String key) {
            return new Finding(TAKEN, key);
        }

        static Finding ignored(String why) {
            return new Finding(IGNORED, why);
        }

        static Finding otherForm(String what) {
            return new Finding(OTHER_FORM, what);
        }

        static Finding refused(String why) {
            return new Finding(REFUSED, why);
        }
    }

    /** The value that counts for an option, by name and number; null when no line has it. */
    interface Values {
        @Nullable String get(String name, int index);
    }
}

package io.pgnode.backup.adopt;

import io.pgnode.backup.core.BackrestExit;
import io.pgnode.backup.core.BackupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What pgBackRest's configuration of one stanza is with us: the section {@code backup} of our
 * configuration, files for the secrets, and what became of each key.
 */
public final class Adoption {
    private final String stanza;
    private final SectionText section;
    private final List<SecretFile> secrets;
    private final List<ReportLine> report;

    Adoption(
            String stanza, SectionText section, List<SecretFile> secrets, List<ReportLine> report) {
        this.stanza = stanza;
        this.section = section;
        this.secrets = List.copyOf(secrets);
        this.report = List.copyOf(report);
    }

    /**
     * Nothing is written yet.
     *
     * @param stanza null for the only one that there is
     * @param secrets the directory that files for pass phrases and keys are to be in
     * @throws BackupException when there is not exactly one stanza and none is named, or when a key
     *     stands twice where pgBackRest allows one
     */
    public static Adoption of(BackrestConfig config, @Nullable String stanza, Path secrets)
            throws BackupException {
        List<String> stanzas = config.stanzas();
        if (stanza != null && !stanzas.contains(stanza)) {
            throw new BackupException(
                    BackrestExit.OPTION_INVALID_VALUE,
                    "there is no section of a stanza \"" + stanza + "\"",
                    stanzas.isEmpty() ? null : "there are " + String.join(", ", stanzas));
        }
        if (stanza == null && stanzas.size() != 1) {
            throw new BackupException(
                    BackrestExit.OPTION_REQUIRED,
                    stanzas.isEmpty()
                            ? "the files have no section of a stanza"
                            : "the files have several stanzas: " + String.join(", ", stanzas),
                    stanzas.isEmpty()
                            ? "name the file that has the section [STANZA] with pg1-path"
                            : "name the one of this node's cluster");
        }
        return new Adopter(config, stanza == null ? stanzas.getFirst() : stanza, secrets).adopt();
    }

    public String stanza() {
        return stanza;
    }

    /** A line for each key, in the order of the files; then for defaults that differ. */
    public List<ReportLine> report() {
        return report;
    }

    /** Whether nothing was refused: what the section says is what the files said. */
    public boolean isComplete() {
        return report.stream().noneMatch(line -> line.verdict() == ReportLine.Verdict.REFUSED);
    }

    /** The section as YAML for a terminal: secrets are {@code ***}, or in files of their own. */
    public String printable() {
        return section.printable();
    }

    /** The section as YAML for a file of mode 0600: it may hold access keys. */
    public String yaml() {
        return section.withSecrets();
    }

    /**
     * Writes the files of secrets, then the section, all of mode 0600 and durable. Files that are
     * there with another content are not touched, and end it.
     */
    public void write(Path file) throws BackupException {
        for (SecretFile secret : secrets) {
            try {
                Path directory = secret.path().toAbsolutePath().getParent();
                if (directory != null) {
                    Files.createDirectories(directory);
                }
            } catch (IOException e) {
                throw new BackupException(
                        BackrestExit.PATH_CREATE,
                        "directory of " + secret.path() + " cannot be made: " + e,
                        null,
                        e);
            }
            secret.write();
        }
        SecretFile.create(file, yaml());
    }
}

package io.pgnode.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Yamls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lets the operator change a configuration in an editor of his choice. */
final class ConfigEditor {
    private static final List<String> EDITORS = List.of("editor", "vi", "vim", "nano");

    private final Console console;

    ConfigEditor(Console console) {
        this.console = console;
    }

    /** Opens the editor again, if the operator wants, while the text is wrong. */
    ObjectNode edit(ObjectNode before) throws IOException, InterruptedException {
        Terminal terminal = console.surroundings().terminal();
        if (!terminal.canAsk() || !terminal.outputIsTerminal()) {
            throw new CliException(
                    ExitCode.REFUSED,
                    "cannot open an editor: this is not a terminal",
                    "use -s, -p, --apply or --replace with --force");
        }
        Path file =
                Files.createTempFile(
                        "pgnode-config-",
                        ".yaml",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(file, Yamls.dump(before));
            while (true) {
                open(file);
                try {
                    ObjectNode after =
                            EditConfigCommand.section(Yamls.parse(Files.readString(file)));
                    EditConfigCommand.check(after);
                    return after;
                } catch (IllegalArgumentException | CliException e) {
                    console.note(String.valueOf(e.getMessage()));
                    console.confirm("Edit again?");
                }
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void open(Path file) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(editor());
        command.add(file.toString());
        int code = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (code != 0) {
            throw new CliException(
                    ExitCode.FAILED,
                    "editor " + command.getFirst() + " ended with exit code " + code,
                    "nothing was changed");
        }
    }

    private List<String> editor() {
        for (String name : List.of("VISUAL", "EDITOR")) {
            String chosen = console.surroundings().environment(name).strip();
            if (!chosen.isEmpty()) {
                return List.of(chosen.split("\\s+"));
            }
        }
        String[] path = console.surroundings().environment("PATH").split(":");
        return EDITORS.stream()
                .filter(
                        name ->
                                Stream.of(path)
                                        .anyMatch(
                                                directory ->
                                                        Files.isExecutable(
                                                                Path.of(directory, name))))
                .findFirst()
                .map(List::of)
                .orElseThrow(
                        () ->
                                new CliException(
                                        ExitCode.FAILED,
                                        "no editor found",
                                        "set EDITOR, or use -s and -p"));
    }
}

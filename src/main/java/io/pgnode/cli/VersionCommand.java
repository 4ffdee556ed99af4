package io.pgnode.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.pgnode.Pgnode;
import io.pgnode.cli.text.Cell;
import io.pgnode.cli.text.Column;
import io.pgnode.cli.text.Json;
import io.pgnode.cli.text.Table;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "version", description = "Show the version of this program, or of members.")
final class VersionCommand extends CliCommand {
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final List<Column> COLUMNS =
            List.of(Column.text("Member"), Column.text("Agent"), Column.text("PostgreSQL"));

    @Mixin ClusterOptions cluster = new ClusterOptions();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "MEMBER", arity = "0..*", description = "Names of members to ask.")
    List<String> names = List.of();

    @Option(names = "--all", description = "Ask every member.")
    boolean all;

    @Override
    ExitCode run(Console console) {
        if (names.isEmpty() && !all) {
            console.println("pgnode " + Pgnode.VERSION);
            return ExitCode.OK;
        }
        try (ClusterSession session = console.surroundings().connect(cluster)) {
            return ask(console, session);
        }
    }

    private ExitCode ask(Console console, ClusterSession session) {
        ClusterView view = session.read();
        List<Member> members =
                all
                        ? List.copyOf(view.members().values())
                        : names.stream().map(name -> Names.member(view, name)).toList();
        List<List<Cell>> rows = new ArrayList<>();
        ExitCode code = ExitCode.OK;
        for (Member member : members) {
            String server = "";
            try {
                server = serverVersion(session.api().call(member, "GET", "/patroni", "", TIMEOUT));
            } catch (IOException e) {
                code = ExitCode.UNAVAILABLE;
                console.note(member.name() + ": " + e.getMessage());
            }
            rows.add(
                    List.of(
                            Cell.of(member.name().value()),
                            Cell.of(member.version()),
                            Cell.of(server)));
        }
        console.print(output.format, new Table("", COLUMNS, rows));
        return code;
    }

    /** Such as {@code 15.8}; empty when the server does not run. */
    private static String serverVersion(MemberApi.Answer answer) {
        try {
            JsonNode number = Json.parse(answer.text()).path("server_version");
            int version = number.asInt();
            return version == 0 ? "" : version / 10_000 + "." + version % 10_000;
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}

package io.pgnode.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.dcs.DcsException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ErrorReportTest {
    @Test
    void namesTheFileAndWhatIsWrongWithIt() {
        assertThat(ErrorReport.of(new NoSuchFileException("/x")).text(false))
                .isEqualTo("pgnode: error: no such file: /x\n");
        assertThat(ErrorReport.of(new AccessDeniedException("/x")).message())
                .isEqualTo("permission denied: /x");
        assertThat(ErrorReport.of(new IOException("disk full")).exitCode())
                .isEqualTo(ExitCode.FAILED);
    }

    @Test
    void tellsWhatToDoWhenTheDcsDoesNotAnswer() {
        ErrorReport report =
                ErrorReport.of(new DcsException(DcsException.Kind.UNKNOWN, "no answer", null));

        assertThat(report.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
        assertThat(report.text(false)).contains("\nHINT: is the DCS running");
    }

    @Test
    void admitsABug() {
        ErrorReport report = ErrorReport.of(new IllegalStateException("broken"));

        assertThat(report.message()).isEqualTo("unexpected IllegalStateException: broken");
        assertThat(report.hint()).contains("--debug");
    }

    @Test
    void paintsOnlyWhenWanted() {
        ErrorReport report = new ErrorReport(ExitCode.FAILED, "m", "h");

        assertThat(report.text(false)).isEqualTo("pgnode: error: m\nHINT: h\n");
        assertThat(report.text(true)).contains("\033[31mpgnode: error:\033[0m m\n");
    }
}

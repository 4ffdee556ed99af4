package io.pgnode.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.os.Command;
import io.pgnode.os.CommandResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChildCommandTest {
    private static final ChildSpec AGENT =
            new ChildSpec(
                    "agent", List.of("agent", "-c", "f"), 48, () -> Duration.ofSeconds(1), true);

    @Test
    void keepsTheOptionsOfAJar() {
        assertThat(
                        ChildCommand.javaPrefix(
                                List.of("java", "-XX:+UseSerialGC", "-jar", "p.jar", "run", "-c")))
                .containsExactly("java", "-XX:+UseSerialGC", "-jar", "p.jar");
    }

    @Test
    void keepsTheClassPathOfAMainClass() {
        assertThat(
                        ChildCommand.javaPrefix(
                                List.of("java", "-cp", "a:b", "-Da=b", "io.Main", "run", "-jar")))
                .containsExactly("java", "-cp", "a:b", "-Da=b", "io.Main");
    }

    @Test
    void limitsTheHeapOfAJavaChild() {
        ChildCommand java = new ChildCommand(List.of("java", "-Xmx2g", "-jar", "p.jar"), false);

        assertThat(java.line(AGENT))
                .containsExactly("java", "-Xmx48m", "-jar", "p.jar", "agent", "-c", "f");
    }

    @Test
    void limitsTheHeapOfANativeChild() {
        assertThat(new ChildCommand(List.of("/usr/bin/pgnode"), true).line(AGENT))
                .containsExactly("/usr/bin/pgnode", "-Xmx48m", "agent", "-c", "f");
    }

    @Test
    void knowsItsOwnCommand() throws Exception {
        ChildCommand self = ChildCommand.self();

        assertThat(self.isNative()).isFalse();
        CommandResult version =
                Command.of(self.prefix().getFirst(), "-XX:+UseSerialGC", "-version").run();
        assertThat(version.isSuccess()).isTrue();
        assertThat(self.prefix()).containsAnyOf("-jar", "-cp");
    }
}

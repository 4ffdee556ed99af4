package io.pgnode.agent.rest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A certificate authority and certificates of it, made with openssl in a directory of the test. */
final class TestCertificates {
    private final Path directory;

    TestCertificates(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        openssl(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca"
                        + " -keyout ca.key -out ca.crt");
    }

    static boolean isPossible() {
        return Files.isExecutable(Path.of("/usr/bin/openssl"));
    }

    /** A certificate {@code name.crt} with {@code name.key} for loopback. */
    void issue(String name) throws IOException, InterruptedException {
        Files.writeString(
                directory.resolve("san.cnf"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
        openssl(
                "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN="
                        + name
                        + " -keyout "
                        + name
                        + ".key -out "
                        + name
                        + ".csr");
        openssl(
                "x509 -req -in "
                        + name
                        + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san.cnf"
                        + " -out "
                        + name
                        + ".crt");
    }

    String file(String name) {
        return directory.resolve(name).toString();
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("/usr/bin/openssl"));
        command.addAll(List.of(arguments.split(" ", -1)));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("openssl.log").toFile())
                        .start();
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(Files.readString(directory.resolve("openssl.log")));
        }
    }
}

package io.pgnode.gateway.pooler;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An authority, and certificates of it, made by openssl in a directory. */
public final class TestCertificates {
    private static final int LIMIT_SECONDS = 60;

    private final Path dir;

    public TestCertificates(Path dir) throws IOException, InterruptedException {
        this.dir = dir;
        openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                path("ca.key"),
                "-out",
                path("ca.crt"),
                "-days",
                "2",
                "-subj",
                "/CN=authority of a test");
    }

    public Path file(String name) {
        return dir.resolve(name);
    }

    private String path(String name) {
        return file(name).toString();
    }

    /** Makes {@code name.key} and {@code name.crt}. */
    public void make(String name, String commonName, String... alternatives)
            throws IOException, InterruptedException {
        make(List.of("-newkey", "rsa:2048"), name, commonName, alternatives);
    }

    public void makeEc(String name, String commonName) throws IOException, InterruptedException {
        make(
                List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                name,
                commonName);
    }

    private void make(List<String> key, String name, String commonName, String... alternatives)
            throws IOException, InterruptedException {
        List<String> request = new ArrayList<>(List.of("req"));
        request.addAll(key);
        request.addAll(
                List.of(
                        "-nodes",
                        "-keyout",
                        path(name + ".key"),
                        "-out",
                        path(name + ".csr"),
                        "-subj",
                        "/O=test/CN=" + commonName));
        openssl(request.toArray(new String[0]));
        List<String> sign =
                new ArrayList<>(
                        List.of(
                                "x509",
                                "-req",
                                "-in",
                                path(name + ".csr"),
                                "-CA",
                                path("ca.crt"),
                                "-CAkey",
                                path("ca.key"),
                                "-CAcreateserial",
                                "-days",
                                "2",
                                "-out",
                                path(name + ".crt")));
        if (alternatives.length > 0) {
            Files.writeString(
                    file(name + ".ext"), "subjectAltName=" + String.join(",", alternatives) + "\n");
            sign.addAll(List.of("-extfile", path(name + ".ext")));
        }
        openssl(sign.toArray(new String[0]));
    }

    public void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(file("openssl.log").toFile())
                        .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(Files.readString(file("openssl.log")));
        }
    }
}

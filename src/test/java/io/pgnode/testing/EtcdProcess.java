package io.pgnode.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One real etcd server that can be stopped, killed and started again on its data. */
public final class EtcdProcess {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final Place place;
    private final int clientPort;
    private final int peerPort;
    private @Nullable Process process;

    /**
     * @param directory holds data and log; the caller kills what touches it and deletes it
     */
    public EtcdProcess(Path directory, Place place) {
        this.directory = directory;
        this.place = place;
        this.clientPort = FreePorts.next();
        this.peerPort = FreePorts.next();
    }

    /** Starts on the data that is there and waits until it answers. */
    public void start() {
        String client = "http://" + endpoint();
        String peer = "http://" + place.address() + ":" + peerPort;
        List<String> command =
                place.command(
                        List.of(
                                "etcd",
                                "--name",
                                "e1",
                                "--data-dir",
                                directory.resolve("data").toString(),
                                "--listen-client-urls",
                                client,
                                "--advertise-client-urls",
                                client,
                                "--listen-peer-urls",
                                peer,
                                "--initial-advertise-peer-urls",
                                peer,
                                "--initial-cluster",
                                "e1=" + peer));
        try {
            Files.createDirectories(directory);
            process =
                    new ProcessBuilder(command)
                            .directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(
                                    ProcessBuilder.Redirect.appendTo(
                                            directory.resolve("etcd.log").toFile()))
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Waiting.until(
                Duration.ofSeconds(15),
                () -> "etcd answers at " + endpoint() + ", log " + directory.resolve("etcd.log"),
                () -> Http.get("http://" + endpoint() + "/health").body().contains("true"));
    }

    /** host:port for clients. */
    public String endpoint() {
        return place.address() + ":" + clientPort;
    }

    public Place place() {
        return place;
    }

    /** SIGSTOP, SIGCONT, SIGKILL. */
    public void signal(Signal signal) {
        if (process != null) {
            signal.send(process.pid());
        }
    }

    /** The number of the last change of any key; renewing a lease changes none. */
    public long revision() {
        return call("kv/range", "{\"key\":\"AA==\",\"limit\":1}")
                .path("header")
                .path("revision")
                .asLong();
    }

    public Optional<String> get(String key) {
        JsonNode value =
                call("kv/range", "{\"key\":\"" + base64(key) + "\"}")
                        .path("kvs")
                        .path(0)
                        .path("value");
        return value.isMissingNode()
                ? Optional.empty()
                : Optional.of(
                        new String(
                                Base64.getDecoder().decode(value.asText()),
                                StandardCharsets.UTF_8));
    }

    public void put(String key, String value) {
        call("kv/put", "{\"key\":\"" + base64(key) + "\",\"value\":\"" + base64(value) + "\"}");
    }

    public void delete(String key) {
        call("kv/deleterange", "{\"key\":\"" + base64(key) + "\"}");
    }

    private JsonNode call(String method, String json) {
        Http.Answer answer =
                Http.post("http://" + endpoint() + "/v3/" + method, json, Duration.ofSeconds(5));
        try {
            if (answer.isOk()) {
                return JSON.readTree(answer.body());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("etcd answered " + answer.body(), e);
        }
        throw new IllegalStateException("etcd " + method + " failed: " + answer);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}

package io.pgnode.agent.rest;

import io.pgnode.agent.rest.RestSettings.VerifyClient;
import io.pgnode.cluster.ClusterView;
import io.pgnode.cluster.Member;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Decides who may use unsafe methods: by address, then by certificate, then by password. */
final class AccessControl {
    /** Longer than a resolver's first retry; the request is refused when it is over. */
    private static final Duration RESOLVE_LIMIT = Duration.ofSeconds(6);

    private final RestSettings settings;
    private final Executor blocking;

    /**
     * @param blocking where members' host names are resolved
     */
    AccessControl(RestSettings settings, Executor blocking) {
        this.settings = settings;
        this.blocking = blocking;
    }

    /** Completes with null when the request may be served, else with the refusal. */
    CompletableFuture<@Nullable Answer> check(
            InetAddress client,
            boolean hasCertificate,
            @Nullable String authorization,
            ClusterView view) {
        return isAllowed(client, view)
                .thenApply(
                        allowed ->
                                allowed
                                        ? identify(hasCertificate, authorization)
                                        : Answer.text(403, "Access is denied"));
    }

    private @Nullable Answer identify(boolean hasCertificate, @Nullable String authorization) {
        RestSettings.Tls tls = settings.tls();
        if (tls != null && tls.verifyClient() != VerifyClient.NONE && !hasCertificate) {
            return Answer.text(403, "client certificate required");
        }
        Credentials credentials = settings.credentials();
        if (credentials == null || credentials.matches(authorization)) {
            return null;
        }
        String why = authorization == null ? "no auth header received" : "not authenticated";
        return Answer.text(401, why).with("WWW-Authenticate", "Basic realm=\"pgnode\"");
    }

    private CompletableFuture<Boolean> isAllowed(InetAddress client, ClusterView view) {
        boolean isOpen = settings.allowlist().isEmpty() && !settings.allowlistIncludeMembers();
        if (isOpen || settings.allowlist().stream().anyMatch(range -> range.contains(client))) {
            return CompletableFuture.completedFuture(true);
        }
        if (!settings.allowlistIncludeMembers()) {
            return CompletableFuture.completedFuture(false);
        }
        List<String> hosts = view.members().values().stream().map(AccessControl::host).toList();
        return CompletableFuture.supplyAsync(() -> isOneOf(hosts, client), blocking)
                .completeOnTimeout(false, RESOLVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static boolean isOneOf(List<String> hosts, InetAddress client) {
        for (String host : hosts) {
            try {
                if (!host.isEmpty() && List.of(InetAddress.getAllByName(host)).contains(client)) {
                    return true;
                }
            } catch (UnknownHostException e) {
                // A member whose name does not resolve grants nothing.
            }
        }
        return false;
    }

    private static String host(Member member) {
        try {
            String host = URI.create(member.apiUrl()).getHost();
            return host == null ? "" : host;
        } catch (IllegalArgumentException e) {
            return ""; // a foreign value under the member's key
        }
    }
}

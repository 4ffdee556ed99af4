package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.wire.BackendMessages;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a pool's clients are greeted with: the parameters that its servers report. Learned from the
 * first server, so that later logins need none. Immutable, safe on any thread.
 */
final class Welcome {
    private final Map<String, String> reported;
    private final SessionSettings settings = new SessionSettings();
    private final byte[] usual;

    Welcome(Map<String, String> reported) {
        this.reported = new LinkedHashMap<>(reported);
        reported.forEach(settings::put);
        this.usual = encoded(settings);
    }

    /** Whether a server reports just this. */
    boolean says(Map<String, String> parameters) {
        return reported.equals(parameters);
    }

    /** For a client of that role, by what a server told another one. */
    Welcome lentTo(String user, boolean isPrimary) {
        Map<String, String> its = new LinkedHashMap<>(reported);
        its.computeIfPresent("session_authorization", (_, _) -> user);
        its.computeIfPresent("is_superuser", (_, _) -> "off");
        if (isPrimary) {
            its.computeIfPresent("in_hot_standby", (_, _) -> "off");
        }
        return new Welcome(its);
    }

    /** The client's settings become those of a new server session. */
    void applyTo(SessionSettings client) {
        client.share(settings);
    }

    /** AuthenticationOk and the parameters, as this client has them. */
    void write(ByteBuf out, SessionSettings client) {
        out.writeBytes(client.fingerprint() == settings.fingerprint() ? usual : encoded(client));
    }

    private byte[] encoded(SessionSettings client) {
        ByteBuf out = Unpooled.buffer(512);
        BackendMessages.authenticationOk(out);
        reported.forEach(
                (name, value) ->
                        BackendMessages.parameterStatus(
                                out,
                                name,
                                client.values()
                                        .getOrDefault(name.toLowerCase(Locale.ROOT), value)));
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}

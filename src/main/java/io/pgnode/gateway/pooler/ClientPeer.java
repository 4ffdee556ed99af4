package io.pgnode.gateway.pooler;

import io.netty.channel.Channel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.ssl.SslHandler;
import io.pgnode.net.Sockets;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/** What a client's connection itself tells about the client. */
final class ClientPeer {
    static final String TLS_HANDLER = "tls";

    private ClientPeer() {}

    /** Null on a unix socket. */
    static @Nullable InetAddress address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress tcp ? tcp.getAddress() : null;
    }

    /** As in PgBouncer's log: address and port, or {@code unix(pid):port}. */
    static String name(Channel channel) {
        if (channel.remoteAddress() instanceof InetSocketAddress tcp) {
            InetAddress address = tcp.getAddress();
            String host = address == null ? tcp.getHostString() : address.getHostAddress();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + tcp.getPort();
        }
        PeerCredentials credentials = Sockets.peer(channel);
        return "unix(" + (credentials == null ? "?" : credentials.pid()) + ")";
    }

    /** As PgBouncer names clients in its log. */
    static String logged(Channel channel, String database, String user) {
        return "C-0x"
                + channel.id().asShortText()
                + ": "
                + printable(database + "/" + user)
                + "@"
                + name(channel);
    }

    /** A client's text cannot begin a line of the log. */
    static String printable(String text) {
        int most = 128;
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > most ? clean.substring(0, most) + "..." : clean;
    }

    /** Null without TLS. */
    static @Nullable SSLSession session(Channel channel) {
        SslHandler handler = (SslHandler) channel.pipeline().get(TLS_HANDLER);
        return handler == null ? null : handler.engine().getSession();
    }

    /** Protocol and cipher, or {@code no}. */
    static String tls(Channel channel) {
        SSLSession session = session(channel);
        return session == null ? "no" : session.getProtocol() + "/" + session.getCipherSuite();
    }

    /** Common name of the client's verified certificate; empty when it has none. */
    static String commonName(Channel channel) {
        SSLSession session = session(channel);
        if (session == null) {
            return "";
        }
        try {
            return session.getPeerPrincipal() instanceof X500Principal subject
                    ? commonName(subject.getName(X500Principal.RFC2253))
                    : "";
        } catch (SSLPeerUnverifiedException e) {
            return "";
        }
    }

    /**
     * The first CN of a distinguished name; empty when there is none, or one that cannot be a role.
     *
     * @param name as RFC 2253 writes it
     */
    static String commonName(String name) {
        StringBuilder part = new StringBuilder();
        boolean isEscaped = false;
        boolean hasHex = false;
        for (int i = 0; i <= name.length(); i++) {
            char c = i < name.length() ? name.charAt(i) : ',';
            boolean isEnd = i == name.length() || !isEscaped && (c == ',' || c == '+');
            if (isEnd) {
                String text = part.toString();
                if (text.startsWith("CN=")) {
                    return hasHex || text.startsWith("CN=#") || text.indexOf('\0') >= 0
                            ? ""
                            : text.substring(3);
                }
                part.setLength(0);
                hasHex = false;
            } else if (isEscaped) {
                hasHex |= Character.digit(c, 16) >= 0;
                part.append(c);
                isEscaped = false;
            } else if (c == '\\') {
                isEscaped = true;
            } else {
                part.append(c);
            }
        }
        return "";
    }
}

package io.pgnode.net;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Keys and trust of one side, as read from its files once. Thread-safe. */
public final class TlsContext {
    /** The protocol's name in ALPN. */
    private static final String[] ALPN = {"postgresql"};

    /** What a listener wants to see of clients. */
    public enum ClientCertificate {
        NONE,
        /** Checked when the client has one. */
        WELCOME,
        REQUIRED
    }

    private final SSLContext context;
    private final TlsFiles files;

    private TlsContext(SSLContext context, TlsFiles files) {
        this.context = context;
        this.files = files;
    }

    /**
     * Reads the files. Blocking.
     *
     * @throws IOException naming the file that is wrong
     */
    public static TlsContext read(TlsFiles files) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(files), trust(files), null);
            TlsContext result = new TlsContext(context, files);
            result.configure(context.createSSLEngine(), false);
            return result;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("cannot set up TLS: " + e.getMessage(), e);
        }
    }

    private static KeyManager @Nullable [] keys(TlsFiles files)
            throws IOException, GeneralSecurityException {
        Path key = files.key();
        Path certificate = files.certificate();
        if (key == null || certificate == null) {
            return null;
        }
        KeyStore store = emptyStore();
        List<X509Certificate> chain = PemFiles.certificates(certificate);
        try {
            store.setKeyEntry(
                    "ours",
                    PemFiles.privateKey(key),
                    new char[0],
                    chain.toArray(new Certificate[0]));
        } catch (GeneralSecurityException e) {
            throw new IOException(key + " and " + certificate + ": " + e.getMessage(), e);
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, new char[0]);
        return factory.getKeyManagers();
    }

    private static TrustManager[] trust(TlsFiles files)
            throws IOException, GeneralSecurityException {
        Path authority = files.authority();
        if (authority == null) {
            return new TrustManager[] {new TrustsAll()};
        }
        KeyStore store = emptyStore();
        int number = 0;
        for (X509Certificate certificate : PemFiles.certificates(authority)) {
            store.setCertificateEntry("authority" + number++, certificate);
        }
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** An engine for a connection that a client opened. */
    public SSLEngine accepting(ClientCertificate wanted) {
        SSLEngine engine = configure(context.createSSLEngine(), false);
        switch (wanted) {
            case NONE -> {}
            case WELCOME -> engine.setWantClientAuth(true);
            case REQUIRED -> engine.setNeedClientAuth(true);
        }
        return engine;
    }

    /**
     * An engine for a connection that we opened.
     *
     * @param isNameChecked whether the certificate must be for that host
     */
    public SSLEngine connecting(String host, int port, boolean isNameChecked) {
        SSLEngine engine = configure(context.createSSLEngine(host, port), true);
        if (isNameChecked) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
        }
        return engine;
    }

    private SSLEngine configure(SSLEngine engine, boolean isClient) {
        engine.setUseClientMode(isClient);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(files.protocols().toArray(new String[0]));
        if (!files.ciphers().isEmpty()) {
            parameters.setCipherSuites(files.ciphers().toArray(new String[0]));
        }
        parameters.setApplicationProtocols(ALPN);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Whether both sides agreed on PostgreSQL's protocol by its name. */
    public static boolean isProtocolNamed(SSLEngine engine) {
        return ALPN[0].equals(engine.getApplicationProtocol());
    }

    /**
     * The hash of our certificate to which a login may bind (RFC 5929, tls-server-end-point); null
     * when its signature has no hash of its own.
     */
    public static byte @Nullable [] endPoint(SSLSession session) {
        Certificate[] ours = session.getLocalCertificates();
        if (ours == null || ours.length == 0 || !(ours[0] instanceof X509Certificate certificate)) {
            return null;
        }
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        int with = signature.indexOf("WITH");
        if (with <= 0) {
            return null;
        }
        String hash =
                switch (signature.substring(0, with)) {
                    case "MD5", "SHA1", "SHA256" -> "SHA-256";
                    case "SHA384" -> "SHA-384";
                    case "SHA512" -> "SHA-512";
                    default -> "";
                };
        if (hash.isEmpty()) {
            return null;
        }
        try {
            return MessageDigest.getInstance(hash).digest(certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /** For modes that ask for encryption only. */
    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

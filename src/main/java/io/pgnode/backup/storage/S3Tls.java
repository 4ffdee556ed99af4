package io.pgnode.backup.storage;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Whom a client of a store trusts. */
final class S3Tls {
    private static final Logger LOG = Logger.getLogger(S3Tls.class);

    /**
     * Where distributions keep the certificates that their programs trust. Those that come with
     * Java are as old as this program.
     */
    private static final List<String> SYSTEM_BUNDLES =
            List.of(
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/etc/ssl/ca-bundle.pem");

    private S3Tls() {}

    static SSLContext context(S3Settings.Tls tls) throws IOException {
        Path caFile = tls.caFile();
        TrustManager @Nullable [] trust;
        if (!tls.verify()) {
            trust = new TrustManager[] {new Everybody()};
        } else {
            trust = caFile == null ? systemTrust() : trustOnly(caFile);
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot set up TLS", e);
        }
    }

    /** Null for the certificates that come with Java. */
    private static TrustManager @Nullable [] systemTrust() {
        for (String bundle : SYSTEM_BUNDLES) {
            Path file = Path.of(bundle);
            if (Files.isReadable(file)) {
                try {
                    return trustOnly(file);
                } catch (IOException e) {
                    LOG.warnf("system certificates not used: file=%s error=%s", file, e);
                }
            }
        }
        return null;
    }

    private static TrustManager[] trustOnly(Path caFile) throws IOException {
        try (InputStream in = Files.newInputStream(caFile)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate one :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + count++, one);
            }
            if (count == 0) {
                throw new IOException("S3 CA file " + caFile + " has no certificate");
            }
            var factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (FileSystemException e) {
            throw new IOException("S3 CA file " + caFile + " cannot be read", e);
        } catch (GeneralSecurityException e) {
            throw new IOException("S3 CA file " + caFile + " is not PEM certificates", e);
        }
    }

    /** Checks nothing, not even names: as an extended one it is all that is asked. */
    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

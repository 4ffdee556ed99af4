package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionSettingsTest {
    private final SessionSettings client = new SessionSettings();
    private final SessionSettings server = new SessionSettings();
    private final SessionSettings defaults = new SessionSettings();

    @Test
    void equalSettingsNeedNothing() {
        client.put("TimeZone", "UTC");
        server.put("timezone", "UTC");

        assertThat(client.bring(server, defaults)).isEmpty();
        assertThat(client.fingerprint()).isEqualTo(server.fingerprint());
    }

    @Test
    void onlyTheDifferenceIsSet() {
        client.put("TimeZone", "UTC");
        client.put("application_name", "it's");
        server.put("TimeZone", "UTC");

        assertThat(client.bring(server, defaults)).isEqualTo("SET \"application_name\"='it''s'");
    }

    @Test
    void whatAnotherClientLeftIsUndone() {
        server.put("extra_float_digits", "3");
        server.put("datestyle", "German");
        defaults.put("datestyle", "ISO, MDY");

        assertThat(client.bring(server, defaults))
                .isEqualTo("SET \"datestyle\"='ISO, MDY';RESET \"extra_float_digits\"");
    }

    @Test
    void listsAreSetElementByElement() {
        client.put("search_path", "a, \"B c\"");

        assertThat(client.bring(server, defaults))
                .isEqualTo("SELECT pg_catalog.set_config('search_path','a, \"B c\"',false)");
    }

    @Test
    void literalsAreSafeWhateverTheServersStringSyntax() {
        assertThat(SessionSettings.literal("a\\'; drop table x; --"))
                .isEqualTo(" E'a\\\\''; drop table x; --'");
    }

    @Test
    void namesAreQuoted() {
        client.put("my.x\"; drop", "1");

        assertThat(client.bring(server, defaults)).isEqualTo("SET \"my\".\"x\"\"; drop\"='1'");
    }

    @Test
    void theFingerprintFollowsEachChange() {
        int empty = client.fingerprint();
        client.put("a", "1");
        client.put("a", "2");
        server.put("a", "2");

        assertThat(client.fingerprint()).isEqualTo(server.fingerprint()).isNotEqualTo(empty);
        client.put("b", "1");
        client.become(new SessionSettings());
        assertThat(client.fingerprint()).isEqualTo(empty);
    }

    @Test
    void fixedParametersAreNeverRestored() {
        assertThat(client.put("server_version", "15")).isFalse();
        assertThat(client.bring(server, defaults)).isEmpty();
    }
}

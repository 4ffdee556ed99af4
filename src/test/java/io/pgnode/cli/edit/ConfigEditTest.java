package io.pgnode.cli.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pgnode.cli.text.Json;
import org.junit.jupiter.api.Test;

class ConfigEditTest {
    private final ObjectNode original =
            (ObjectNode) Json.parse("{\"ttl\":30,\"postgresql\":{\"parameters\":{\"a\":1}}}");

    private String after(ConfigEdit edit) {
        return Json.compact(edit.result());
    }

    @Test
    void setsValuesWithTheTypesOfYaml() {
        assertThat(
                        after(
                                new ConfigEdit(original)
                                        .set("ttl=40")
                                        .set("failsafe_mode = true")
                                        .set("zone=eu-1")
                                        .set("postgresql.pg_hba=[local all all trust]")))
                .isEqualTo(
                        "{\"ttl\":40,\"postgresql\":{\"parameters\":{\"a\":1},"
                                + "\"pg_hba\":[\"local all all trust\"]},"
                                + "\"failsafe_mode\":true,\"zone\":\"eu-1\"}");
    }

    @Test
    void leavesTheOriginalAlone() {
        String before = Json.compact(original);

        new ConfigEdit(original).set("ttl=1").setParameter("a=2");

        assertThat(Json.compact(original)).isEqualTo(before);
    }

    @Test
    void removesWithAnEmptyValueOrNull() {
        assertThat(after(new ConfigEdit(original).set("ttl=").setParameter("a=null").set("x.y=")))
                .isEqualTo("{\"postgresql\":{\"parameters\":{}}}");
    }

    @Test
    void takesTheDotsOfExtensionParametersAsPartOfTheName() {
        assertThat(after(new ConfigEdit(original).setParameter("pg_stat_statements.track=all")))
                .contains("\"pg_stat_statements.track\":\"all\"");
        assertThat(after(new ConfigEdit(original).set("postgresql.parameters.x.y=1")))
                .contains("\"x.y\":1");
    }

    @Test
    void refusesWhatIsNoAssignment() {
        assertThatThrownBy(() -> new ConfigEdit(original).set("ttl"))
                .hasMessageContaining("key=value");
        assertThatThrownBy(() -> new ConfigEdit(original).set("ttl.x=1"))
                .hasMessageContaining("\"ttl\" is a value, not a section");
    }
}

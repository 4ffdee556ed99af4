package io.pgnode.house;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who may use whom: the table of rooms, and the purity of the rooms that decide. */
class RoomsTest {
    private static final String BASE = "io.pgnode.";

    /** {@code cli} composes everything, so it is not here; nobody may use it. */
    private static final Map<String, Set<String>> MAY_USE =
            new TreeMap<>(
                    Map.ofEntries(
                            Map.entry("model", Set.of()),
                            Map.entry("cluster", Set.of("model")),
                            Map.entry("ha", Set.of("model", "cluster")),
                            Map.entry("config", Set.of("model")),
                            Map.entry("metrics", Set.of("model")),
                            Map.entry("os", Set.of("model")),
                            Map.entry("wire", Set.of("model")),
                            Map.entry("net", Set.of("model", "config", "metrics")),
                            Map.entry(
                                    "gateway",
                                    Set.of(
                                            "model", "cluster", "config", "net", "wire", "metrics",
                                            "feed")),
                            Map.entry("feed", Set.of("model", "cluster", "os")),
                            Map.entry("dcs", Set.of("model", "cluster", "config", "metrics")),
                            Map.entry(
                                    "backup",
                                    Set.of(
                                            "model",
                                            "cluster",
                                            "dcs",
                                            "config",
                                            "os",
                                            "postgres",
                                            "metrics")),
                            Map.entry("guard", Set.of("model", "os")),
                            Map.entry("supervisor", Set.of("model", "config", "os", "guard")),
                            Map.entry(
                                    "postgres",
                                    Set.of(
                                            "model", "cluster", "config", "os", "metrics", "guard",
                                            "wire")),
                            Map.entry(
                                    "agent",
                                    Set.of(
                                            "model",
                                            "cluster",
                                            "ha",
                                            "dcs",
                                            "postgres",
                                            "config",
                                            "os",
                                            "metrics",
                                            "guard",
                                            "feed"))));

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.pgnode");

    @Test
    void everyRoomIsInTheTable() {
        Set<String> rooms =
                CLASSES.stream()
                        .map(JavaClass::getPackageName)
                        .filter(name -> name.startsWith(BASE))
                        .map(RoomsTest::room)
                        .collect(Collectors.toCollection(TreeSet::new));
        rooms.remove("cli");
        assertThat(MAY_USE.keySet()).containsExactlyInAnyOrderElementsOf(rooms);
    }

    @Test
    void roomsUseOnlyWhomTheyMay() {
        MAY_USE.forEach(
                (room, others) ->
                        noClasses()
                                .that()
                                .resideInAPackage(BASE + room + "..")
                                .should()
                                .dependOnClassesThat(anotherRoomThan(room, others))
                                .because("the table of rooms says so")
                                .check(CLASSES));
    }

    @Test
    void decidingRoomsArePure() {
        for (String room : List.of("model", "cluster", "ha")) {
            isPure(BASE + room + "..");
        }
        isPure(BASE + "(*).core..");
        isPure(BASE + "backup.(*).core..");
    }

    private static void isPure(String room) {
        classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(
                        resideInAPackage("java.lang..")
                                .or(resideInAPackage("java.util"))
                                .or(resideInAPackage("java.util.function"))
                                .or(resideInAPackage("java.util.stream"))
                                .or(resideInAPackage("java.util.regex"))
                                .or(resideInAPackage("java.time.."))
                                .or(resideInAPackage("java.math"))
                                .or(resideInAPackage("java.nio"))
                                .or(resideInAPackage("java.nio.charset"))
                                .or(resideInAPackage("java.util.zip"))
                                .or(resideInAPackage("java.text"))
                                .or(resideInAPackage("java.security.."))
                                .or(resideInAPackage("javax.crypto.."))
                                .or(resideInAPackage("org.jspecify.."))
                                .or(resideInAPackage("io.pgnode.."))
                                .or(DescribedPredicate.describe("arrays", JavaClass::isArray)))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(room)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .because("time and environment are given to those who decide")
                .check(CLASSES);
    }

    @Test
    void onlyTheEtcdRoomSeesJetcd() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.pgnode.dcs.etcd..", "io.pgnode.dcs.embedded..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.etcd..", "io.grpc..", "com.google.protobuf..")
                .check(CLASSES);
    }

    @Test
    void foreignFunctionsLiveInOs() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pgnode.os..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> anotherRoomThan(String room, Set<String> others) {
        return DescribedPredicate.describe(
                "are in a room other than " + room + " and " + others,
                used ->
                        used.getPackageName().startsWith(BASE)
                                && !room(used.getPackageName()).equals(room)
                                && !others.contains(room(used.getPackageName())));
    }

    private static String room(String packageName) {
        String rest = packageName.substring(BASE.length());
        int dot = rest.indexOf('.');
        return dot < 0 ? rest : rest.substring(0, dot);
    }
}

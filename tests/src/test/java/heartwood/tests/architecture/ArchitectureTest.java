package heartwood.tests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import heartwood.server.config.Directive;
import heartwood.server.config.Directives;

/** What may know what: the invariants of the map in README, "The map". */
@AnalyzeClasses(packages = "heartwood", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  // ---- Modules ----

  @ArchTest
  static final ArchRule respKnowsNoOtherModule =
      noClasses()
          .that()
          .resideInAPackage("heartwood.resp..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("heartwood..").and(not(resideInAPackage("heartwood.resp.."))));

  @ArchTest
  static final ArchRule raftKnowsNoOtherModule =
      noClasses()
          .that()
          .resideInAPackage("heartwood.raft..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("heartwood..").and(not(resideInAPackage("heartwood.raft.."))));

  @ArchTest
  static final ArchRule storageKnowsNothingButTheLogsPort =
      noClasses()
          .that()
          .resideInAPackage("heartwood.storage..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("heartwood..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "heartwood.storage..",
                              "heartwood.raft.log",
                              "heartwood.raft.message"))));

  @ArchTest
  static final ArchRule nobodyKnowsToolsAndTests =
      noClasses()
          .that()
          .resideOutsideOfPackages("heartwood.tools..", "heartwood.tests..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("heartwood.tools..", "heartwood.tests..");

  @ArchTest static final ArchRule packagesHaveNoCycles = noCycles();

  private static ArchRule noCycles() {
    return slices().matching("heartwood.(**)").should().beFreeOfCycles();
  }

  // ---- The core is a function ----

  @ArchTest
  static final ArchRule theCoreUsesOnlyWhatABrowserHas =
      classes()
          .that()
          .resideInAPackage("heartwood.raft.core")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "heartwood.raft.core",
              "heartwood.raft.message",
              "java.lang",
              "java.lang.invoke", // how javac joins strings and makes lambdas
              "java.lang.runtime", // and the methods of records
              "java.util",
              "java.util.function",
              "java.util.stream",
              "java.nio",
              "org.jspecify.annotations");

  @ArchTest
  static final ArchRule theCoreHasNoThreadClockOrChance =
      noClasses()
          .that()
          .resideInAPackage("heartwood.raft.core")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Thread.class,
              Runtime.class,
              Process.class,
              java.util.Random.class,
              java.util.UUID.class,
              java.util.Date.class,
              java.util.Timer.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime");

  // ---- Commands ----

  @ArchTest
  static final ArchRule theKeyspaceHasNoClockOrChance =
      noClasses()
          .that()
          .resideInAPackage("heartwood.server.keyspace")
          .should()
          .dependOnClassesThat()
          .areAssignableTo(java.util.random.RandomGenerator.class)
          .orShould()
          .dependOnClassesThat()
          .belongToAnyOf(
              java.time.Clock.class,
              java.time.Instant.class,
              java.util.Date.class,
              java.util.UUID.class)
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule commandsKnowNeitherRaftNorNettyNorLmdb =
      noClasses()
          .that()
          .resideInAnyPackage("heartwood.server.command..", "heartwood.server.keyspace..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "heartwood.raft..",
              "io.netty..",
              "org.lmdbjava..",
              "heartwood.storage.lmdb..",
              "heartwood.resp.netty..");

  // ---- Configuration ----

  @ArchTest
  static void everyDirectiveThatCanBeGivenIsRead(JavaClasses classes) throws Exception {
    for (JavaField field : classes.get(Directives.class).getFields()) {
      if (!field.getRawType().isEquivalentTo(Directive.class)) {
        continue;
      }
      Directive<?> directive = (Directive<?>) field.reflect().get(null);
      boolean isFixed = directive.change() == Directive.Change.FIXED;
      assertThat(field.getAccessesToSelf())
          .as("who reads %s", directive)
          .anyMatch(access -> isFixed || !access.getOriginOwner().isEquivalentTo(Directives.class));
    }
  }

  // ---- Libraries ----

  @ArchTest
  static final ArchRule onlyStorageLmdbKnowsLmdb =
      noClasses()
          .that()
          .resideOutsideOfPackage("heartwood.storage.lmdb")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.lmdbjava..");

  @ArchTest
  static final ArchRule onlyNetAndTheCodecKnowNetty =
      noClasses()
          .that()
          .resideInAPackage("heartwood..")
          .and()
          .resideOutsideOfPackages(
              "heartwood.server.net",
              "heartwood.resp.netty",
              "heartwood.tools..", // clients of their own
              "heartwood.tests..")
          .and()
          .doNotHaveFullyQualifiedName("heartwood.server.NodeThreads") // owns the loops
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule onlyNetWritesRepliesToNetty =
      noClasses()
          .that()
          .resideInAPackage("heartwood.server..")
          .and()
          .resideOutsideOfPackage("heartwood.server.net")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("heartwood.resp.netty");
}

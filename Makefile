# The front door. Every target installs what it misses and never asks.
SHELL := /bin/bash
.DEFAULT_GOAL := help

MVN ?= mvn
MVNFLAGS ?= -B -q
DEBIAN := packaging/bin/need
ARGS ?=

help: ## Show the targets
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):[^#]*## */\1\t/' | expand -t 18

need: ## Install what the other targets need: PostgreSQL, etcd, Maven, a JDK 25
	@$(DEBIAN) build test

jvm: ## Build the JVM runner
	@$(DEBIAN) build
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) package -Dmaven.test.skip=true
	@packaging/bin/aot-cache

aot-classes: jvm ## Record again which classes the AOT cache of the JVM runner should hold, in a cluster on this machine
	@$(DEBIAN) test
	@packaging/bin/aot-classes

binary: ## Build the native binary target/pgnode-runner
	@$(DEBIAN) build native
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) package -Dnative -Dmaven.test.skip=true

demo: ## Start a three-node cluster on this machine
	@$(DEBIAN) build test
	@packaging/bin/build-runner
	@packaging/bin/pgnode demo $(ARGS)

demo-check: ## Run the end-to-end check on a three-node cluster
	@$(DEBIAN) build test
	@packaging/bin/build-runner
	@packaging/bin/pgnode demo --check $(ARGS)

test: jvm ## All tests but the native build; the ones on whole clusters run the JVM runner
	@$(DEBIAN) test drivers
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS:-q=) test -Dpgnode.runner=target/quarkus-app/quarkus-run.jar

native: binary ## Build the native binary and run the end-to-end check with it
	@$(DEBIAN) test
	@PGNODE_RUNNER=target/pgnode-runner packaging/bin/pgnode demo --check $(ARGS)

drivers: ## The tests with other people's drivers and programs only
	@$(DEBIAN) build test drivers
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS:-q=) test -Dtest='NodePostgresTest,VertxPgTest,PsqlTest,PgbenchTest'

e2e: ## The tests on whole clusters, with what was built last
	@$(DEBIAN) build test
	@packaging/bin/build-runner
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS:-q=) test -Dtest.groups=e2e -Dtest.excludedGroups=soak,bench

fmt: ## Format the sources
	@$(DEBIAN) build
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) spotless:apply

soak: ## Long random and chaos runs
	@$(DEBIAN) build test versions
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS:-q=) test -Dtest.groups=soak -Dtest.excludedGroups=

bench: bench-ha bench-gateway bench-backup ## All benchmarks

bench-ha: jvm ## Failover and switchover times beside Patroni, of the native binary (where GraalVM is) and the JVM runner
	@$(DEBIAN) build test bench
	@packaging/bin/build-runner
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) test -Dtest=HaBenchRun -Dtest.groups=bench -Dtest.excludedGroups= -Dbench.args='$(ARGS)'

bench-gateway: jvm ## The pooler beside PgBouncer and HAProxy, of the native binary (where GraalVM is) and the JVM runner
	@$(DEBIAN) build test bench
	@packaging/bin/build-runner
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) test -Dtest=GatewayBenchRun -Dtest.groups=bench -Dtest.excludedGroups= -Dbench.args='$(ARGS)'

bench-backup: jvm ## Backups, restores and WAL beside pgBackRest, of the native binary (where GraalVM is) and the JVM runner
	@$(DEBIAN) build test bench
	@packaging/bin/build-runner
	@. $(DEBIAN)-env && $(MVN) $(MVNFLAGS) test -Dtest=BackupBenchRun -Dtest.groups=bench -Dtest.excludedGroups= -Dbench.args='$(ARGS)'

clean: ## Remove what was built
	@rm -rf target

.PHONY: help need jvm aot-classes binary demo demo-check test drivers native e2e fmt soak bench bench-ha bench-gateway bench-backup clean

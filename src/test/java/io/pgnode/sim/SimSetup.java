package io.pgnode.sim;

import java.util.Random;

/**
 * What a run starts with.
 *
 * @param config first dynamic configuration, JSON
 * @param gateways how they take it when they shall hold clients back
 */
record SimSetup(
        int members, String config, double lossRate, double slowRate, SimGateway.Mood gateways) {
    static SimSetup calm() {
        return calm(config(10, "off", false, false));
    }

    static SimSetup calm(String config) {
        return new SimSetup(3, config, 0, 0, SimGateway.Mood.WELL);
    }

    static SimSetup random(Random random) {
        int[] ttls = {3, 5, 10, 10};
        int ttl = ttls[random.nextInt(ttls.length)];
        int mode = random.nextInt(3);
        boolean failsafe = random.nextInt(3) == 0;
        int members = random.nextInt(8) == 0 ? 2 : random.nextInt(8) == 0 ? 4 : 3;
        return new SimSetup(
                members,
                config(ttl, mode == 0 ? "off" : "on", mode == 2, failsafe),
                random.nextInt(3) == 0 ? 0.01 : 0,
                random.nextInt(3) == 0 ? 0.01 : 0.001,
                SimGateway.Mood.MIXED);
    }

    static String config(int ttl, String sync, boolean strict, boolean failsafe) {
        return """
        {"ttl":%d,"loop_wait":%s,"retry_timeout":%s,"synchronous_mode":"%s",\
        "synchronous_mode_strict":%b,"failsafe_mode":%b,"postgresql":{"use_pg_rewind":true,\
        "use_slots":true,"remove_data_directory_on_rewind_failure":true,\
        "remove_data_directory_on_diverged_timelines":true}}"""
                .formatted(ttl, ttl / 5.0, ttl / 3.0, sync, strict, failsafe);
    }
}

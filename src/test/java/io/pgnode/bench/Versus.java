package io.pgnode.bench;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Runs of one kind through one of our builds, beside those through others in the same turns.
 *
 * @param all by what they went through
 */
record Versus<T>(GatewayRig.Way ours, Map<GatewayRig.Way, List<T>> all) {
    /** Our median beside the peer's. */
    Measure measure(
            String what,
            String unit,
            GatewayRig.Way peer,
            ToDoubleFunction<T> value,
            Measure.Judged judged,
            double must,
            double aim) {
        return new Measure(what, unit, median(ours, value), median(peer, value), must, aim, judged);
    }

    /** The same, of which nothing is demanded. */
    Measure shown(String what, String unit, GatewayRig.Way peer, ToDoubleFunction<T> value) {
        return new Measure(what, unit, median(ours, value), median(peer, value), null, null);
    }

    /** Of all runs that went through it. */
    double median(GatewayRig.Way way, ToDoubleFunction<T> value) {
        Samples samples = new Samples();
        all.getOrDefault(way, List.of()).forEach(run -> samples.add(value.applyAsDouble(run)));
        Double median = samples.median();
        if (median == null) {
            throw new IllegalStateException("no run through " + way.name());
        }
        return median;
    }
}

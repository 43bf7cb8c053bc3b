"""P6: calls a second through the gateway, of those through Py4J's own Java gateway."""

from measures import Effort, Figure, median, spread


def gateway(effort: Effort) -> list[Figure]:
    import gateway_calls

    rates = gateway_calls.measure(effort.rows(20_000), 2 * effort.pairs + 1)
    ours = median(rates["martlet"])
    if "java" not in rates:
        print(f"P6    {ours:,.0f} calls/s; no Java here to hold them against")
        return []
    ratios = [a / b for a, b in zip(rates["martlet"], rates["java"], strict=True)]
    raw = f"{ours:,.0f} calls/s, Java's {median(rates['java']):,.0f} ({spread(ratios)})"
    return [Figure("P6", "gateway calls", raw, median(ratios), 1, 1.5)]

namespace Dub.Clerk.Benchmarks;

/// <summary>What a request pays for being signed in and a delivery for being checked, beside an anonymous request, plain JwtBearer and the bare work that
/// cannot be avoided.</summary>
internal static class RequestRatios
{
    public static void Run()
    {
        using var requests = new RequestBenchmarks();
        requests.Setup();
        var token = new SessionTokenBenchmarks { Kind = "Valid" };
        token.Setup();
        var (small, large) = (new WebhookBenchmarks { Size = 2_000 }, new WebhookBenchmarks { Size = 20_000 });
        small.Setup();
        large.Setup();
        var costs = InTurns.Measure(new Dictionary<string, Action>
        {
            ["anonymous"] = Run(requests.Anonymous),
            ["signed in, token seen before (header)"] = Run(requests.SignedInByHeader),
            ["signed in, token seen before (cookies)"] = Run(requests.SignedInByCookie),
            ["signed in, nothing remembered"] = Run(requests.SignedInWithoutCache),
            ["plain JwtBearer, anonymous"] = Run(requests.JwtBearerAnonymous),
            ["plain JwtBearer, signed in"] = Run(requests.JwtBearerSignedIn),
            ["token handler, token never seen"] = () => token.Verify(),
            ["bare RSA verification of that token"] = () => token.BareRsa(),
            ["webhook check, 2 KB"] = () => small.Verified(),
            ["bare HMAC, 2 KB"] = () => small.BareHmac(),
            ["webhook check, 20 KB"] = () => large.Verified(),
            ["bare HMAC, 20 KB"] = () => large.BareHmac(),
        });
        Console.WriteLine("| | median | allocated | over anonymous |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var (name, cost) in costs)
        {
            var over = name.StartsWith("plain", StringComparison.Ordinal) ? costs["plain JwtBearer, anonymous"] : costs["anonymous"];
            var more = name.StartsWith("signed in", StringComparison.Ordinal) || name.EndsWith("signed in", StringComparison.Ordinal)
                ? FormattableString.Invariant($"{cost.Microseconds - over.Microseconds:F2} µs, {cost.Bytes - over.Bytes:F0} B")
                : "";
            Console.WriteLine(FormattableString.Invariant($"| {name} | {cost.Microseconds:F2} µs | {cost.Bytes:F0} B | {more} |"));
        }

        static Action Run(Func<Task> call) => () => call().GetAwaiter().GetResult();
    }
}

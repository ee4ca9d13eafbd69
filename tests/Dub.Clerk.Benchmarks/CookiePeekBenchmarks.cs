using System.Text.Json.Nodes;
using BenchmarkDotNet.Attributes;
using Dub.Clerk.Authentication;
using Dub.Clerk.Host.StandIns;

namespace Dub.Clerk.Benchmarks;

/// <summary>The look at a cookie that decides which of two is checked: the only work done on a token before its size, shape and signature are
/// known to be good.</summary>
[MemoryDiagnoser]
public class CookiePeekBenchmarks
{
    private string _token = "";

    [GlobalSetup]
    public void Setup()
    {
        using var clerk = new ClerkStandIn();
        _token = clerk.MintSessionToken(
            "user_1", DateTimeOffset.FromUnixTimeSeconds(1_800_000_000), publicMetadata: new JsonObject { ["dubClickId"] = "AbCdEfGh01234567" });
    }

    [Benchmark]
    public string? Peek() => UnverifiedToken.Read(_token).Issuer;
}

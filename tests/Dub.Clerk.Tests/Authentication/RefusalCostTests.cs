using System.Runtime.ExceptionServices;
using Dub.Clerk.Authentication;
using Dub.Clerk.Tests.Vectors;

namespace Dub.Clerk.Tests.Authentication;

/// <summary>What bad input may cost: no exception, and at most 256 bytes of garbage, whatever it looks like. Time is in the benchmarks.</summary>
public sealed class RefusalCostTests
{
    private const long MaxBytes = 256;

    [Fact]
    public void Refusals_ThrowNothing()
    {
        var refused = Refused().ToList();
        var thrown = new List<Exception>();
        var thread = Environment.CurrentManagedThreadId;
        void Note(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                thrown.Add(e.Exception);
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += Note;
        try
        {
            refused.ForEach(token => SessionTokenVerifier.Verify(token, TokenFixture.Rules, TokenFixture.Keys, TokenFixture.Now, out _));
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Note;
        }

        Assert.Empty(thrown);
        Assert.True(refused.Count > 100);
    }

    [Fact]
    public void Refusals_AllocateWithinTheBound()
    {
        var worst = (Bytes: 0L, Token: "");
        foreach (var token in Refused())
        {
            Verify(token);
            Verify(token);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Verify(token);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            worst = bytes > worst.Bytes ? (bytes, token) : worst;
        }

        Assert.True(worst.Bytes <= MaxBytes, $"{worst.Bytes} bytes for {worst.Token}");

        static void Verify(string token) => SessionTokenVerifier.Verify(token, TokenFixture.Rules, TokenFixture.Keys, TokenFixture.Now, out _);
    }

    private static IEnumerable<string> Refused() =>
        SessionTokenAttacks.All.Values.Select(attack => attack.Build()).Concat(JwtVectors.Cases.Select(vector => vector.Token));
}

using Dub.Clerk.Host.Embedded;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.Embedded;

/// <summary>Whether a rewrite is owed is a file, which outlives a process.</summary>
internal static class RewriteOwed
{
    public static string FileIn(string folder) => Path.Combine(folder, "rewrite-owed");

    public static bool In(string folder) => File.Exists(FileIn(folder));

    public static Task WaitAsync(string folder, FakeTimeProvider time) => Poll.UntilAsync(
        () =>
        {
            time.Advance(RewriteSchedule.Delay / 5);
            return !In(folder);
        },
        "the files are rewritten");
}

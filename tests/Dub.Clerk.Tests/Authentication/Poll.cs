namespace Dub.Clerk.Tests.Authentication;

/// <summary>Waits for something that happens on another thread: looks again and again until a generous deadline.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromSeconds(30), $"Waited 30 s in vain until {what}.");
            await Task.Yield();
        }
    }
}

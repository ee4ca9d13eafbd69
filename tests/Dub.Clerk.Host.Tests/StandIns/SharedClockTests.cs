using Dub.Clerk.Host.StandIns;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.StandIns;

/// <summary>The clock that processes share. Each instance on the file is what another process would have.</summary>
public sealed class SharedClockTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-clock-");

    private string File => Path.Combine(_folder.FullName, "clock");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void NewClock_BeginsAtItsStartInEveryProcess()
    {
        using var clock = SharedClock.Create(File, Start);
        using var other = new SharedClock(File);

        Assert.InRange(other.GetUtcNow() - Start, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.InRange((other.GetUtcNow() - clock.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.InRange(clock.GetElapsedTime(clock.GetTimestamp()), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task FastClock_RunsAsFastAsItsSpeed()
    {
        using var clock = SharedClock.Create(File, Start, speed: 8640);
        var realStart = TimeProvider.System.GetTimestamp();

        await Poll.UntilAsync(() => clock.GetUtcNow() >= Start.AddHours(2), "two hours have gone");

        var real = TimeProvider.System.GetElapsedTime(realStart);
        Assert.InRange(real, TimeSpan.FromHours(2) / 8640 - TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Jump_ReachesEveryProcess()
    {
        using var clock = SharedClock.Create(File, Start);
        using var other = new SharedClock(File);

        clock.Jump(TimeSpan.FromDays(7));

        Assert.True(clock.GetUtcNow() >= Start.AddDays(7));
        await Poll.UntilAsync(() => other.GetUtcNow() >= Start.AddDays(7), "the other process has jumped");
    }

    [Theory]
    [InlineData(8640, 1)]
    [InlineData(1, 8640)]
    [InlineData(8640, 0.001)]
    public async Task ChangeOfSpeed_TakesNobodyBackAndLeavesAllAtOneTime(double before, double after)
    {
        using var clock = SharedClock.Create(File, Start, before);
        using var other = new SharedClock(File);
        using var done = new CancellationTokenSource();
        var watch = Task.Run(
            () =>
            {
                for (var last = DateTimeOffset.MinValue; !done.IsCancellationRequested;)
                {
                    var now = other.GetUtcNow();
                    Assert.True(now >= last, $"{now:O} came after {last:O}.");
                    last = now;
                }
            },
            TestContext.Current.CancellationToken);

        clock.SetSpeed(after);
        await Poll.UntilAsync(() => clock.Speed == after && other.Speed == after, "both run at the new speed");
        await done.CancelAsync();
        await watch;

        using var late = new SharedClock(File);
        var (first, second, third) = (clock.GetUtcNow(), late.GetUtcNow(), other.GetUtcNow());
        Assert.InRange(third - first, TimeSpan.Zero, TimeSpan.FromSeconds(1 + (after * 5)));
        Assert.InRange(second - first, TimeSpan.Zero, TimeSpan.FromSeconds(1 + (after * 5)));
    }

    [Fact]
    public async Task SecondChangeBeforeTheFirstTakesPlace_Wins()
    {
        using var clock = SharedClock.Create(File, Start);

        clock.SetSpeed(50);
        clock.SetSpeed(2);
        clock.Jump(TimeSpan.FromHours(1));

        await Poll.UntilAsync(() => clock.Speed == 2, "the second speed holds");
        Assert.InRange(clock.GetUtcNow() - Start.AddHours(1), TimeSpan.Zero, TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task Timer_FiresWhenAnotherProcessJumpsPastIt()
    {
        using var clock = SharedClock.Create(File, Start);
        using var other = new SharedClock(File);
        var week = Task.Delay(TimeSpan.FromDays(7), other, TestContext.Current.CancellationToken);
        var month = Task.Delay(TimeSpan.FromDays(30), other, TestContext.Current.CancellationToken);

        clock.Jump(TimeSpan.FromDays(8));
        await week.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.False(month.IsCompleted);
    }

    [Fact]
    public async Task Timer_FollowsTheSpeed()
    {
        using var clock = SharedClock.Create(File, Start, speed: 8640);

        await Task.Delay(TimeSpan.FromHours(1), clock, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.True(clock.GetUtcNow() >= Start.AddHours(1));
    }

    [Fact]
    public async Task Timers_FireInTheOrderOfTheirDueTimes()
    {
        using var clock = SharedClock.Create(File, Start);
        var timeouts = await Task.WhenAll(Enumerable.Range(1, 100).Reverse().Select(async hours =>
        {
            await Task.Yield();
            return (hours, Delay: Task.Delay(TimeSpan.FromHours(hours), clock, TestContext.Current.CancellationToken));
        }));

        clock.Jump(TimeSpan.FromHours(50) + TimeSpan.FromMinutes(30));
        await Poll.UntilAsync(() => timeouts.Count(timeout => timeout.Delay.IsCompleted) == 50, "half of them have fired");

        Assert.All(timeouts, timeout => Assert.Equal(timeout.hours <= 50, timeout.Delay.IsCompleted));
    }

    [Fact]
    public async Task PeriodicTimer_FiresAgainAndAgainUntilItIsDisposed()
    {
        using var clock = SharedClock.Create(File, Start, speed: 8640);
        var ticks = 0;
        await using (clock.CreateTimer(_ => Interlocked.Increment(ref ticks), null, TimeSpan.Zero, TimeSpan.FromMinutes(5)))
        {
            await Poll.UntilAsync(() => Volatile.Read(ref ticks) >= 3, "it has fired three times");
        }

        using var timer = clock.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    [Fact]
    public async Task Timer_CanBePutOffAndStopped()
    {
        using var clock = SharedClock.Create(File, Start);
        var fired = new TaskCompletionSource();
        await using var timer = clock.CreateTimer(_ => fired.TrySetResult(), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);

        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        clock.Jump(TimeSpan.FromHours(2));
        // Whatever was due before the jump has fired when a later timer has.
        await Task.Delay(TimeSpan.FromMilliseconds(1), clock, TestContext.Current.CancellationToken);
        Assert.False(fired.Task.IsCompleted);

        timer.Change(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        clock.Jump(TimeSpan.FromHours(1));
        await fired.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task CancelledDelay_Ends()
    {
        using var clock = SharedClock.Create(File, Start);
        using var cancel = new CancellationTokenSource(TimeSpan.FromDays(1), clock);
        var delay = Task.Delay(TimeSpan.FromDays(2), clock, cancel.Token);

        clock.Jump(TimeSpan.FromDays(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delay.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void FileThatIsGone_DoesNotStopTheClock()
    {
        using var clock = SharedClock.Create(File, Start, speed: 8640);
        System.IO.File.Delete(File);

        var before = clock.GetUtcNow();
        Assert.True(SpinWait.SpinUntil(() => clock.GetUtcNow() > before.AddHours(1), TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 2\n")]
    [InlineData("a b c\n")]
    public void FileThatIsNoClock_IsRefused(string text)
    {
        System.IO.File.WriteAllText(File, text);

        Assert.Throws<FormatException>(() => new SharedClock(File));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ClockThatDoesNotRunForward_IsRefused(double speed)
    {
        using var clock = SharedClock.Create(File, Start);

        Assert.Throws<ArgumentOutOfRangeException>(() => clock.SetSpeed(speed));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Jump(TimeSpan.FromTicks(-1)));
    }
}

using Dub.Clerk.Host.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.Embedded;

public sealed class RewriteScheduleTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dub-test-");
    private readonly FakeTimeProvider _time = new();
    private RewriteSchedule _schedule;
    private bool _succeeds = true;
    private int _rewrites;

    public RewriteScheduleTests()
    {
        _schedule = new RewriteSchedule(_folder.FullName, _time, NullLogger.Instance);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ManyErasures_AreOneRewrite_WithinFiveMinutesOfTheFirst()
    {
        for (var i = 0; i < 200; i++)
        {
            _schedule.Owe();
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(0, _rewrites);
        await PassAsync(TimeSpan.FromSeconds(100));
        Assert.Equal(1, _rewrites);
        Assert.False(IsOwed);
        await PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(1, _rewrites);
    }

    /// <summary>What makes an erasure is itself dropped from the store a moment later.</summary>
    [Fact]
    public async Task ErasureShortlyBeforeARewrite_GetsAnother()
    {
        _schedule.Owe();
        await PassAsync(TimeSpan.FromSeconds(270));
        _schedule.Owe();
        await PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(1, _rewrites);
        Assert.True(IsOwed);

        await PassAsync(TimeSpan.FromSeconds(270));
        Assert.Equal(2, _rewrites);
        Assert.False(IsOwed);
    }

    [Fact]
    public async Task ErasuresWithoutEnd_AreARewriteEveryFewMinutes()
    {
        for (var i = 0; i < 360; i++)
        {
            _schedule.Owe();
            await PassAsync(TimeSpan.FromSeconds(10));
        }

        Assert.InRange(_rewrites, 60 / 5, 60 / 4);
    }

    [Fact]
    public async Task OwedByAProcessThatDied_IsDueAtOnce()
    {
        _schedule.Owe();
        _schedule = new RewriteSchedule(_folder.FullName, _time, NullLogger.Instance);

        _schedule.Resume();
        await PassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(1, _rewrites);
        Assert.False(IsOwed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FailedRewrite_StaysOwed_AndIsTriedAgain(bool throws)
    {
        _succeeds = false;
        _schedule.Owe();
        await PassAsync(RewriteSchedule.Delay, throws);
        Assert.Equal(1, _rewrites);
        await PassAsync(TimeSpan.FromSeconds(59), throws);
        Assert.Equal(1, _rewrites);
        Assert.True(IsOwed);

        _succeeds = true;
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _rewrites);
        Assert.False(IsOwed);
    }

    [Fact]
    public async Task Stop_RewritesWhatIsOwed_AndNothingElse()
    {
        await _schedule.BeforeStopAsync(() => RewriteAsync());
        Assert.Equal(0, _rewrites);
        _schedule.Owe();

        await _schedule.BeforeStopAsync(() => RewriteAsync());

        Assert.Equal(1, _rewrites);
        Assert.False(IsOwed);
    }

    private bool IsOwed => RewriteOwed.In(_folder.FullName);

    private async Task PassAsync(TimeSpan time, bool throws = false)
    {
        for (var until = _time.GetUtcNow() + time; _time.GetUtcNow() < until;)
        {
            _time.Advance(EmbeddedStore.Round);
            await _schedule.RunIfDueAsync(() => RewriteAsync(throws));
        }
    }

    private Task<bool> RewriteAsync(bool throws = false)
    {
        _rewrites++;
        return throws ? throw new IOException("There is no room.") : Task.FromResult(_succeeds);
    }
}

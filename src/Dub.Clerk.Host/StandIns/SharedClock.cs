using System.Globalization;

namespace Dub.Clerk.Host.StandIns;

/// <summary>A clock that several processes share through one small file, and that runs as fast as somebody likes: seven days in seventy seconds
/// at a speed of 8640. Timers follow it. Only stamps for measuring (<see cref="TimeProvider.GetTimestamp"/>) stay real.</summary>
/// <remarks>Each line of the file is an anchor: a real time and the time of this clock then, in ticks of UTC, and the speed from there on. A change
/// of speed is written ahead of its time, so that every process knows of it before it comes: else those who learn of it late would have to
/// go back. Changes come from one process at a time.</remarks>
internal sealed class SharedClock : TimeProvider, IDisposable
{
    /// <summary>How old what was read of the file may be, in milliseconds of real time.</summary>
    private const int ReadEvery = 20;

    /// <summary>How often timers look again, in milliseconds of real time: somebody may have jumped.</summary>
    private const int LookEvery = 50;

    /// <summary>How far ahead a change of speed is written.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(200);

    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly SortedSet<SharedClockTimer> _timers = [];
    private readonly Timer _pump;
    private volatile Reading _reading;
    private long _latest;

    /// <summary>Opens the clock of a file that somebody has created.</summary>
    /// <exception cref="IOException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="FormatException">The file is not a clock's.</exception>
    public SharedClock(string path)
    {
        _path = path;
        _reading = Read(path);
        _pump = new Timer(_ => Pump());
    }

    /// <summary>How many times faster than real time it runs now.</summary>
    public double Speed => AnchorAt(System.GetUtcNow().Ticks).Speed;

    /// <summary>Makes the file, in the place of one that may be there.</summary>
    /// <param name="path">In a folder that every process can write to.</param>
    /// <param name="start">The time it begins at; the real one when null.</param>
    /// <param name="speed">How many times faster than real time it runs.</param>
    public static SharedClock Create(string path, DateTimeOffset? start = null, double speed = 1)
    {
        ThrowUnlessSpeed(speed);
        var now = System.GetUtcNow();
        Write(path, [new Anchor(now.Ticks, (start ?? now).UtcTicks, speed)]);
        return new SharedClock(path);
    }

    public override DateTimeOffset GetUtcNow() => new(Now(), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new SharedClockTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs at another speed, everywhere at once, in a fifth of a second from now.</summary>
    public void SetSpeed(double speed)
    {
        ThrowUnlessSpeed(speed);
        Change(anchors =>
        {
            var now = System.GetUtcNow().Ticks;
            var from = now + Notice.Ticks;
            var past = Array.FindLastIndex(anchors, anchor => anchor.Real <= now);
            return [.. anchors[Math.Max(0, past)..], new Anchor(from, AnchorAt(from).At(from), speed)];
        });
    }

    /// <summary>Jumps ahead: here at once, in the other processes a moment later.</summary>
    public void Jump(TimeSpan ahead)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ahead.Ticks, nameof(ahead));
        Change(anchors => Array.ConvertAll(anchors, anchor => anchor with { Virtual = anchor.Virtual + ahead.Ticks }));
        lock (_gate)
        {
            Arm();
        }
    }

    public void Dispose() => _pump.Dispose();

    /// <summary>Puts the timer where its due time belongs.</summary>
    internal void Schedule(SharedClockTimer timer, TimeSpan? dueIn, TimeSpan? period)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
            timer.Period = period;
            if (dueIn is { } wait)
            {
                timer.Due = Now() + wait.Ticks;
                _timers.Add(timer);
            }

            Arm();
        }
    }

    private static void ThrowUnlessSpeed(double speed)
    {
        if (!(speed > 0) || !double.IsFinite(speed))
        {
            throw new ArgumentOutOfRangeException(nameof(speed), speed, "A clock runs forward: its speed is a number above 0.");
        }
    }

    private static Reading Read(string path)
    {
        var at = Environment.TickCount64;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        var anchors = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Anchor.Parse).ToArray();
        return anchors.Length > 0 ? new Reading(anchors, at) : throw new FormatException($"{path} is empty, and no clock's.");
    }

    /// <summary>Whoever reads it sees the old or the new, and nothing in between.</summary>
    private static void Write(string path, Anchor[] anchors)
    {
        var next = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllLines(next, anchors.Select(anchor => anchor.ToString()));
        File.Move(next, path, overwrite: true);
    }

    private void Change(Func<Anchor[], Anchor[]> change)
    {
        lock (_gate)
        {
            _reading = Read(_path);
            _reading = _reading with { Anchors = change(_reading.Anchors) };
            Write(_path, _reading.Anchors);
        }
    }

    /// <summary>Never less than before, even if the machine's own clock is set back.</summary>
    private long Now()
    {
        // The real time first: then a process that is held up after it has at the worst an old time, never a wrong one.
        var real = System.GetUtcNow().Ticks;
        var now = AnchorAt(real).At(real);
        for (var latest = Interlocked.Read(ref _latest); ; latest = Interlocked.Read(ref _latest))
        {
            if (now <= latest)
            {
                return latest;
            }

            if (Interlocked.CompareExchange(ref _latest, now, latest) == latest)
            {
                return now;
            }
        }
    }

    private Anchor AnchorAt(long real)
    {
        var anchors = Refresh().Anchors;
        return anchors[Math.Max(0, Array.FindLastIndex(anchors, anchor => anchor.Real <= real))];
    }

    private Reading Refresh()
    {
        var reading = _reading;
        if (Environment.TickCount64 - reading.At < ReadEvery)
        {
            return reading;
        }

        try
        {
            return _reading = Read(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // The file is gone, as at the end of a test: the clock goes on as it was.
            return _reading = reading with { At = Environment.TickCount64 };
        }
    }

    private void Pump()
    {
        lock (_gate)
        {
            var now = Now();
            while (_timers.Min is { } timer && timer.Due <= now)
            {
                _timers.Remove(timer);
                if (timer.Period is { } period)
                {
                    timer.Due = now + period.Ticks;
                    _timers.Add(timer);
                }

                ThreadPool.UnsafeQueueUserWorkItem(static timer => timer.Fire(), timer, preferLocal: false);
            }

            Arm();
        }
    }

    private void Arm()
    {
        var wait = _timers.Min is { } next
            ? (int)Math.Clamp((next.Due - Now()) / Speed / TimeSpan.TicksPerMillisecond, 1, LookEvery)
            : Timeout.Infinite;
        _pump.Change(wait, Timeout.Infinite);
    }

    /// <summary>What the file said, and when it was read, in milliseconds of real time.</summary>
    private sealed record Reading(Anchor[] Anchors, long At);

    private sealed record Anchor(long Real, long Virtual, double Speed)
    {
        public static Anchor Parse(string line)
            => line.Split(' ') is [var real, var @virtual, var speed]
                ? new Anchor(Number<long>(real), Number<long>(@virtual), Number<double>(speed))
                : throw new FormatException($"'{line}' is no line of a clock.");

        public long At(long real) => Virtual + (long)((real - Real) * Speed);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Real} {Virtual} {Speed:R}");

        private static T Number<T>(string text)
            where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
    }
}

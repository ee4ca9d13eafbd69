using System.Text;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Dashboard;

/// <summary>The connection of an open page, as slow as the test wants it: what the page says goes through at once, what it is told waits, in its order, until it
/// is let through.</summary>
internal sealed class SlowAnswers
{
    private readonly Lock _lock = new();
    private readonly Queue<IWebSocketFrame> _held = new();
    private IWebSocketRoute? _page;
    private bool _isHolding;

    /// <summary>For what is opened from now on.</summary>
    public static async Task<SlowAnswers> OfAsync(IPage page)
    {
        var answers = new SlowAnswers();
        await page.RouteWebSocketAsync("**/*", answers.Route);
        return answers;
    }

    public void Hold()
    {
        lock (_lock)
        {
            _isHolding = true;
        }
    }

    /// <summary>Whether an answer that says this waits.</summary>
    public bool Holds(string text)
    {
        lock (_lock)
        {
            return _held.Any(frame => Says(frame, text));
        }
    }

    /// <summary>Lets answers through up to the first that says this.</summary>
    public void PassThrough(string text)
    {
        lock (_lock)
        {
            IWebSocketFrame frame;
            do
            {
                frame = _held.Dequeue();
                Send(frame);
            }
            while (!Says(frame, text));
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _isHolding = false;
            while (_held.TryDequeue(out var frame))
            {
                Send(frame);
            }
        }
    }

    private void Route(IWebSocketRoute page)
    {
        _page = page;
        page.ConnectToServer().OnMessage(frame =>
        {
            lock (_lock)
            {
                if (_isHolding)
                {
                    _held.Enqueue(frame);
                }
                else
                {
                    Send(frame);
                }
            }
        });
    }

    private static bool Says(IWebSocketFrame frame, string text) => frame.Binary?.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private void Send(IWebSocketFrame frame)
    {
        if (frame.Binary is { } binary)
        {
            _page!.Send(binary);
        }
        else
        {
            _page!.Send(frame.Text!);
        }
    }
}

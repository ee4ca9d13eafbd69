using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dub.Clerk.Testing;

/// <summary>Between a browser and a host: connections that can be cut, and made again once it is mended.</summary>
internal sealed class CutWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;
    private volatile bool _isCut;

    public CutWire(Uri to)
    {
        To = to;
        _listener.Start();
        Origin = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    /// <summary>The host; another one once it was started again.</summary>
    public Uri To { get; set; }

    /// <summary>Where the host is reached by it.</summary>
    public Uri Origin { get; }

    /// <summary>Ends every connection, and takes no new one.</summary>
    public void Cut()
    {
        _isCut = true;
        foreach (var connection in _open.Keys)
        {
            connection.Dispose();
        }
    }

    public void Mend() => _isCut = false;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Cut();
        _listener.Dispose();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or InvalidOperationException && _stopping.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            _open[near] = _open[far] = true;
            try
            {
                if (!_isCut)
                {
                    await far.ConnectAsync(To.Host, To.Port);
                    var (one, other) = (near.GetStream(), far.GetStream());
                    await Task.WhenAny(one.CopyToAsync(other), other.CopyToAsync(one));
                }
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                // Cut.
            }
            finally
            {
                _open.TryRemove(near, out _);
                _open.TryRemove(far, out _);
            }
        }
    }
}

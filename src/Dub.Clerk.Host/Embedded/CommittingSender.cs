using Garnet.networking;
using Garnet.server;

namespace Dub.Clerk.Host.Embedded;

/// <summary>A connection's way out: nothing leaves before what it acknowledges is on disk.</summary>
internal sealed unsafe class CommittingSender(INetworkSender inner, CommitGate gate) : INetworkSender
{
    /// <summary>Whether the thread that has entered this sender runs a command. Otherwise it delivers a published message for another.</summary>
    private bool _inCommand;

    public MaxSizeSettings GetMaxSizeSettings => inner.GetMaxSizeSettings;

    public string RemoteEndpointName => inner.RemoteEndpointName;

    public string LocalEndpointName => inner.LocalEndpointName;

    public bool IsLocalConnection() => inner.IsLocalConnection();

    public void Enter() => inner.Enter();

    public void Exit() => inner.Exit();

    public void EnterAndGetResponseObject(out byte* head, out byte* tail)
    {
        // The gate first: a publisher is inside it when it comes for this sender.
        var inCommand = gate.TryEnter();
        inner.EnterAndGetResponseObject(out head, out tail);
        _inCommand = inCommand;
    }

    public void ExitAndReturnResponseObject()
    {
        var inCommand = _inCommand;
        _inCommand = false;
        inner.ExitAndReturnResponseObject();
        if (inCommand)
        {
            gate.Exit();
        }
    }

    public bool SendResponse(int offset, int size)
    {
        if (_inCommand)
        {
            gate.Exit();
            try
            {
                gate.Commit();
            }
            finally
            {
                gate.TryEnter();
            }
        }

        return inner.SendResponse(offset, size);
    }

    public void SendResponse(byte[] buffer, int offset, int count, object context) => inner.SendResponse(buffer, offset, count, context);

    public void GetResponseObject() => inner.GetResponseObject();

    public void ReturnResponseObject() => inner.ReturnResponseObject();

    public byte* GetResponseObjectHead() => inner.GetResponseObjectHead();

    public byte* GetResponseObjectTail() => inner.GetResponseObjectTail();

    public void SendCallback(object context) => inner.SendCallback(context);

    public void DisposeNetworkSender(bool waitForSendCompletion) => inner.DisposeNetworkSender(waitForSendCompletion);

    public void Throttle() => inner.Throttle();

    public bool TryClose() => inner.TryClose();

    public void Dispose() => inner.Dispose();
}

/// <summary>Gives each connection a sender that commits.</summary>
internal sealed class CommittingSessions(ISessionProvider inner, CommitGate gate) : ISessionProvider
{
    public MaxSizeSettings GetMaxSizeSettings => inner.GetMaxSizeSettings;

    public IMessageConsumer GetSession(WireFormat wireFormat, INetworkSender networkSender) =>
        inner.GetSession(wireFormat, new CommittingSender(networkSender, gate));
}

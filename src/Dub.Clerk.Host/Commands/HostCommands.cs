using System.CommandLine;
using Dub.Clerk.Host.Commands.Example;

namespace Dub.Clerk.Host.Commands;

/// <summary>What can be typed after the host's name.</summary>
internal static class HostCommands
{
    public static RootCommand Create()
    {
        var commands = new RootCommand("Turns Clerk sign-ups into Dub leads: webhooks, short links and a Dub-compatible API.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            OutboxCommand.Create(),
            ReconcileCommand.Create(),
            MoveCommand.Create(),
            DubStandInCommand.Create(),
            ExampleCommand.Create(),
            ClerkStandInCommand.Create(),
        };
        ServeCommand.MakeDefault(commands);
        return commands;
    }
}

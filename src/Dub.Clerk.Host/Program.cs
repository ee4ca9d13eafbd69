using System.CommandLine;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.Host.Commands.Example;

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
return await commands.Parse(args).InvokeAsync();

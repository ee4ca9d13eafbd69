using Dub.Clerk.Host.Commands;

return await HostCommands.RunAsync(args);

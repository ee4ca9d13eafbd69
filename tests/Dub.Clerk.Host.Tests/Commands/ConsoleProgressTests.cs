using System.Globalization;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Dub.Clerk.Host.Tests.Commands;

public sealed class ConsoleProgressTests
{
    [Fact]
    public async Task LongCommand_TellsHowFarItIsUntilItIsDone()
    {
        var time = new FakeTimeProvider();
        var keys = 0;
        await using var output = new StringWriter(CultureInfo.InvariantCulture);
        await using (new ConsoleProgress(() => $"{keys} keys", output, time))
        {
            Assert.Empty(output.ToString());
            foreach (var count in (int[])[7, 12])
            {
                keys = count;
                time.Advance(ConsoleProgress.Interval);
                await Poll.UntilAsync(() => output.ToString().EndsWith($"{count} keys{Environment.NewLine}", StringComparison.Ordinal), "it is told");
            }
        }

        time.Advance(ConsoleProgress.Interval);
        Assert.Equal(2, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
    }
}

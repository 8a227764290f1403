#include "command.h"

int main(int argc, char **argv)
{
    return welkin_main(argc, argv);
}
